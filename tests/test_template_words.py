"""The words of our templates: money, time, people, Markdown, charts, and how a form field is shown."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import AnonymousUser
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import timezone

from marketplace import charts, colours, prose, times
from marketplace.ground import clock, policy
from marketplace.ground.money import Money, MoneyError
from marketplace.roof import Field
from marketplace.styleguide import SampleForm
from marketplace.templatetags import foothold


def render(text: str, **values) -> str:
    request = RequestFactory().get("/things/?page=3&function=data&function=hr")
    request.user = AnonymousUser()
    return Template(text).render(Context({"request": request, **values}))


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (64000, "$640"),
        (64050, "$640.50"),
        (0, "$0"),
        (123456700, "$1,234,567"),
        (5, "$0.05"),
        (None, ""),
        (Money(64000, "EUR"), "€640"),
        (Money(640, "JPY"), "¥640"),
    ],
)
def test_money_is_written_short(value, said):
    assert foothold.money_(value) == said


def test_money_in_a_table_keeps_its_cents():
    assert foothold.money_full(64000) == "$640.00"
    assert render("{{ 64000|money:currency }}", currency="EUR") == "€640"


@pytest.mark.parametrize("value", [640.0, Decimal("640"), "640", True])
def test_money_refuses_what_is_not_a_whole_number_of_cents(value):
    with pytest.raises(MoneyError):
        foothold.money_(value)
    with pytest.raises(MoneyError):
        foothold.rate(value)


def test_the_hourly_rate_is_never_rounded_up():
    assert foothold.per_hour(64000, Decimal("32")) == 2000
    assert foothold.per_hour(64001, Decimal("28.5")) == 2245
    assert foothold.per_hour(64000, 0) is None
    assert render("{{ 64000|per_hour:32|rate }}") == "$20.00 an hour"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (32, "32 hours"),
        (1, "1 hour"),
        (Decimal("6.5"), "6.5 hours"),
        (Decimal("40.0"), "40 hours"),
        (None, ""),
    ],
)
def test_hours_are_written_as_people_say_them(value, said):
    assert foothold.hours(value) == said


def test_times_are_in_the_viewers_zone():
    instant = datetime(clock.now().year, 3, 5, 14, 0, tzinfo=UTC)
    with timezone.override("America/New_York"):
        assert times.when(instant).endswith("5 March, 09:00")
    assert times.when(instant).endswith("5 March, 14:00")
    assert times.day(date(2031, 3, 5)) == "Wed 5 March 2031"
    assert times.day_short(instant) == "5 Mar"
    assert times.when(None) == times.day(None) == times.until(None) == ""


@pytest.mark.parametrize(
    ("step", "said"),
    [
        (timedelta(days=3, hours=1), "in 3 days"),
        (timedelta(hours=30, minutes=1), "in 30 hours"),
        (timedelta(minutes=5, seconds=30), "in 5 minutes"),
        (timedelta(seconds=20), "in less than a minute"),
        (-timedelta(hours=3, minutes=1), "3 hours ago"),
        (timedelta(days=200), "in 6 months"),
        (timedelta(minutes=1, seconds=10), "in 1 minute"),
    ],
)
def test_how_far_away_something_is(step, said):
    assert times.until(clock.now() + step) == said


def test_what_is_left_of_a_clock():
    assert times.left(clock.now() + timedelta(hours=3, minutes=1)) == "3 hours left"
    assert times.left(clock.now() - timedelta(hours=1)) == "time is up"
    assert times.is_soon(clock.now() + timedelta(hours=20))
    assert not times.is_soon(clock.now() + timedelta(days=3))
    assert not times.is_soon(clock.now() - timedelta(hours=1))
    assert times.is_past(clock.now() - timedelta(hours=1))


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Amara Okafor", "AO"),
        ("Cher", "C"),
        ("Jean-Luc van der Berg", "JB"),
        ("", "?"),
        ("李 小龙", "李小"),
        ("--", "?"),
    ],
)
def test_initials(name, letters):
    assert foothold.initials(name) == letters


@pytest.mark.django_db
def test_a_mail_carries_the_operators_name_and_a_colour_that_can_be_read():
    brand = policy.brand()
    brand.name, brand.colour_light = "Northgate <Works>", "#ffe000"
    html = render_to_string(
        "emails/notification.html",
        {
            "brand": brand,
            "title": "An offer",
            "paragraphs": ["From Halden."],
            "link": "https://x.example/",
            "label": "Look",
        },
    )
    assert "Northgate &lt;Works&gt;" in html
    assert "#ffe000" not in html
    colour = re.search(r"background:(#\w{6});color:#ffffff", html).group(1)
    assert colours.contrast(colour, "#ffffff") >= 4.5


def test_a_person_keeps_their_tone():
    assert {foothold.tone(f"id{n}") for n in range(200)} == {1, 2, 3, 4, 5, 6}
    assert foothold.tone("abc") == foothold.tone("abc")


def test_codes_become_words():
    assert foothold.sentence("changes_requested") == "Changes requested"
    assert foothold.count(1, "person,people") == "1 person"
    assert foothold.count(1200, "applicant") == "1,200 applicants"
    assert foothold.percent(1000) == "10%"
    assert foothold.percent(1250) == "12.5%"
    assert foothold.filesize(86016) == "84 KB"


@pytest.mark.parametrize(
    ("part", "whole", "percent"), [(0, 5, 0), (1, 1000, 1), (500, 1000, 50), (7, 0, 0), (9, 3, 100)]
)
def test_a_share_is_a_whole_percent_that_a_small_part_does_not_lose(part, whole, percent):
    assert foothold.share(part, whole) == percent


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "[x](javascript:alert(1))",
        '<img src=x onerror="alert(1)">',
        "![x](http://e.example/t.png)",
        '<p style="color:red">x</p>',
        "[x](data:text/html,hi)",
    ],
)
def test_markdown_can_do_no_harm(text):
    html = prose.render(text)
    assert not re.search(r"<(script|img)|href=\"(javascript|data)|<p style", html)


@pytest.mark.parametrize("text", ["# One\n\n## Two", "## One\n\n### Two"])
def test_markdown_headings_begin_just_below_the_pages_own(text):
    assert prose.render(text) == "<h2>One</h2>\n<h3>Two</h3>\n"


def test_a_query_string_changes_one_thing():
    assert render("{% query page=4 %}") == "?page=4&amp;function=data&amp;function=hr"
    assert render("{% query page=None %}") == "?function=data&amp;function=hr"
    assert render('{% query_without "function" "hr" %}') == "?function=data"


@pytest.mark.parametrize("kind", ["bar", "line", "hbar"])
def test_charts_escape_names_and_carry_their_figures_as_text(kind):
    html = render(
        '{% chart kind points label="Paid <b>" unit="money" %}',
        kind=kind,
        points=[("<i>Jan", 31000), ("Feb", 0)],
    )
    assert "&lt;i&gt;Jan" in html
    assert "<i>Jan" not in html
    assert "$310" in html
    assert "style=" not in html


@pytest.mark.parametrize("points", [[], [("Jan", 0)], [("Jan", 1)], [(str(n), n * 7) for n in range(60)]])
@pytest.mark.parametrize("kind", ["bar", "line", "hbar"])
def test_charts_draw_anything_from_nothing_to_much(kind, points):
    assert "<figure" in render("{% chart kind points label='x' %}", kind=kind, points=points)


def test_a_chart_of_no_known_kind_is_an_error():
    with pytest.raises(ValueError, match="pie"):
        charts.context("pie", [], label="", caption="", unit="", wide=False)


def test_a_change_says_its_sign():
    assert [foothold.money_signed(n) for n in (64000, -6400, 0)] == ["+$640.00", "−$64.00", "$0.00"]


def test_a_wide_chart_is_drawn_for_a_phone_too_with_as_many_names_as_fit():
    days = [(f"{day} November", day) for day in range(1, 9)]
    wide, narrow = (
        render("{% chart 'line' days label='x' wide=wide %}", days=days, wide=on) for on in (True, False)
    )
    names = narrow.count('text-anchor="middle"')
    assert 1 < names < len(days)
    assert wide.count('text-anchor="middle"') > 2 * names
    assert (wide.count("<svg"), narrow.count("<svg"), wide.count("<table")) == (2, 1, 1)


def test_a_chart_has_room_for_what_is_below_zero():
    drawn = charts.draw("bar", [("Oct", 8520), ("Nov", -1139)], "money", 360)
    heights = [float(n) for n in re.findall(r'height="([\d.]+)"', drawn)]
    tops = [float(n) for n in re.findall(r'<rect[^>]* y="([\d.]+)"', drawn)]
    assert all(height > 0 for height in heights)
    assert tops[1] == pytest.approx(tops[0] + heights[0], abs=0.2)  # one ends and the other begins at zero
    assert "−$11.39" in drawn


def test_the_axis_reaches_the_highest_value():
    assert all(
        charts.axis(top)[-1] >= top and charts.axis(top)[0] == 0
        for top in (1, 2, 3, 7, 99, 1840, 74_400, 1e7)
    )


# --- forms -----------------------------------------------------------------------------------------------
def test_a_field_ties_label_hint_error_and_counter_to_its_input():
    form = SampleForm({"brief": ""})
    html = form["title"].as_field_group() + form["brief"].as_field_group()
    assert 'class="input"' in html
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="id_title_helptext id_title_error"' in html
    assert 'id="id_title_error"' in html
    assert 'data-count="id_brief_count"' in html
    assert 'id="id_brief_count"' in html


def test_a_field_keeps_what_was_typed_and_escapes_it():
    html = SampleForm({"title": '"><script>alert(1)</script>'})["title"].as_field_group()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_words_glued_to_an_input_and_optional_fields_are_said():
    form = SampleForm()
    assert isinstance(form["hours"], Field)
    assert "<span>hours</span>" in form["hours"].as_field_group()
    assert "<span>$</span>" in form["price"].as_field_group()
    assert "(optional)" in form["due"].as_field_group()
    assert 'data-words="120"' in form["answer"].as_field_group()


def test_choices_are_a_fieldset_with_a_legend():
    html = SampleForm()["mode"].as_field_group()
    assert "<legend>Where" in html
    assert html.count('type="radio"') == 3
