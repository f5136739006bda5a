"""“Best match for you” on the browse page, projects like another one, and what is written down of both."""

import numpy
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext, override_settings
from django.urls import reverse

from marketplace.ground import clock
from projects.exposing import actions as exposing
from projects.exposing.models import ListKind, ShownList, StudentExposure
from projects.matching import keeping, vectors
from projects.matching.models import PastMeaning, ProjectMatch
from projects.posting import actions as posting
from projects.posting.models import Project
from projects.search.queries import similar_to
from projects.suggesting import actions as suggesting

from . import people, postings
from .test_matching import project_for, student_with

pytestmark = pytest.mark.django_db
BROWSE = "/projects/"


def titled(title: str, *skills, **changes) -> Project:
    return project_for(*skills, title=title, **changes)


def order_of(page: str, *titles: str) -> list[str]:
    places = {title: page.find(f">{title}</a>") for title in titles}
    return sorted((title for title in titles if places[title] >= 0), key=places.get)


@pytest.fixture
def market():
    """Three open projects, the one that fits somebody with Excel and Welding best neither newest nor oldest."""
    titles = ("Weld a gate for us", "Sort our orders and weld", "Sew one hundred flags")
    skills = (("welding", "sewing"), ("excel", "welding"), ("sewing",))
    return dict(zip(titles, (titled(t, *s) for t, s in zip(titles, skills, strict=True)), strict=True))


# --- best match ------------------------------------------------------------------------------------------
def test_a_student_can_sort_by_what_fits_and_reads_why(client, market):
    client.force_login(student_with("excel", "welding"))
    assert "Best match for you" in client.get(BROWSE).content.decode()
    page = client.get(f"{BROWSE}?sort=fit").content.decode()
    assert order_of(page, *market) == ["Sort our orders and weld", "Weld a gate for us"]
    assert "You have 2 of the 2 skills" in page
    page = client.get(f"{BROWSE}?sort=fit&q=gate").content.decode()  # filters stay
    assert order_of(page, *market) == ["Weld a gate for us"]


def test_it_follows_what_the_student_said_no_to_and_applied_to(client, market):
    user = student_with("excel", "welding")
    client.force_login(user)
    suggesting.dismiss(by=user, project=market["Sort our orders and weld"], why="other")
    assert order_of(client.get(f"{BROWSE}?sort=fit").content.decode(), *market) == ["Weld a gate for us"]
    people.apply(market["Weld a gate for us"], user)
    assert "No projects match yet" in client.get(f"{BROWSE}?sort=fit").content.decode()


def test_others_have_no_such_order_and_an_address_with_it_shows_the_newest(client, market):
    for user in (None, postings.person()):
        if user:
            client.force_login(user)
        page = client.get(f"{BROWSE}?sort=fit").content.decode()
        assert "Best match for you" not in page
        assert order_of(page, *market) == list(market)[::-1]


# --- projects like another one ---------------------------------------------------------------------------
def test_likeness_goes_by_how_rare_a_skill_is_and_by_meaning_not_by_how_many_are_shared():
    for number in range(6):  # excel and writing are common, welding is rare
        student_with("excel", "writing", name=f"Student {number}")
    from projects.matching.weighing import weigh

    weigh()
    gate = titled("Weld a gate for us", "welding", "excel", "writing", function="engineering")
    rail = titled("Build a rail", "welding", function="engineering")
    table = titled("Tidy a table of orders", "excel", "writing", function="data")
    weigh()
    assert [one.pk for one in similar_to(gate, None)][:2] == [rail.pk, table.pk]

    def meaning(project, towards):
        vector = numpy.zeros(vectors.SIZE, "<f2")
        vector[towards] = 1
        ProjectMatch.objects.filter(pk=project.pk).update(
            vector=vector.tobytes(), vector_version=vectors.VERSION
        )

    meaning(gate, 0), meaning(table, 0), meaning(rail, 1)
    assert [one.pk for one in similar_to(gate, None)][:2] == [table.pk, rail.pk]
    posting.close_project(by=people.member_of(gate), project=gate, reason="cancelled")
    assert PastMeaning.objects.filter(project=gate).exists()
    assert [one.pk for one in similar_to(gate, None)][:2] == [
        table.pk,
        rail.pk,
    ]  # what it meant is still known


def test_an_open_and_a_closed_project_show_what_is_like_them_and_nothing_that_is_over(client, market):
    gate, orders, flags = market.values()
    url = reverse("search:project", args=[gate.public_id])
    shown = client.get(url).content.decode()
    assert "Open projects like this one" in shown
    assert set(order_of(shown, *market)) == {"Sort our orders and weld", "Sew one hundred flags"}
    posting.close_project(by=people.member_of(flags), project=flags, reason="cancelled")
    assert order_of(client.get(url).content.decode(), *market) == ["Sort our orders and weld"]
    posting.close_project(by=people.member_of(gate), project=gate, reason="cancelled")
    assert order_of(client.get(url).content.decode(), *market) == ["Sort our orders and weld"]
    Project.objects.filter(pk=orders.pk).update(paused_at=clock.now())
    assert order_of(client.get(url).content.decode(), *market) == []


def test_a_project_for_one_school_or_age_stands_in_no_list_of_like_ones(market):
    gate, orders, _ = market.values()
    assert orders.pk in [one.pk for one in similar_to(gate, None)]
    from accounts.models import School

    Project.objects.filter(pk=orders.pk).update(only_school=School.objects.create(name="Northgate"))
    keeping.keep_projects([orders.pk])
    assert orders.pk not in [one.pk for one in similar_to(gate, None)]


# --- what is written down --------------------------------------------------------------------------------
def test_what_somebody_looked_through_is_written_down_with_order_and_place(client):
    user = student_with("excel")
    made = postings.rows(25, postings.organisation())
    client.force_login(user)
    client.get(f"{BROWSE}?sort=pay")
    page = client.get(BROWSE).content.decode()
    after = page.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    client.get(BROWSE + after.removeprefix(BROWSE))
    client.get(BROWSE)  # the same list on the same day is one row
    lists = ShownList.objects.filter(kind=ListKind.BROWSE, about=user.pk).order_by("pk")
    assert [(row.order, row.start, len(row.shown)) for row in lists] == [
        ("pay", 0, 20),
        ("newest", 0, 20),
        ("newest", 20, 5),
    ]
    assert lists[1].shown == [project.pk for project in made[:20]]
    assert exposing.count_lists() == 3
    assert not StudentExposure.objects.exists()  # nobody was shown to anybody


def test_what_is_like_a_project_is_written_down_with_how_alike(client, market):
    user = student_with("excel")
    gate = market["Weld a gate for us"]
    client.force_login(user)
    client.get(reverse("search:project", args=[gate.public_id]))
    row = ShownList.objects.get(kind=ListKind.SIMILAR, about=user.pk)
    assert row.order == str(gate.pk)
    assert len(row.fits) == len(row.shown) == 2
    assert row.fits == sorted(row.fits, reverse=True)
    assert row.fits[0] > 0


def test_a_visitor_costs_no_row_and_no_statement_made_anew_or_kept(client, market, monkeypatch):
    from projects.search.signals import listed

    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            assert client.get(BROWSE).status_code == 200
        return len(caught)

    with override_settings(SEARCH_PAGE_SECONDS=60):
        queries()
        assert queries() == 0  # kept for everybody
    told = []
    listed.connect(lambda **said: told.append(said), weak=False, dispatch_uid="test")
    try:
        queries()
        client.get(reverse("search:project", args=[market["Weld a gate for us"].public_id]))
    finally:
        listed.disconnect(dispatch_uid="test")
    assert told == []
    assert not ShownList.objects.exclude(kind=ListKind.NOTICE).exists()
