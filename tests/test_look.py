"""The look: what binds browsers, the words of the templates, and the style guide in a real browser."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.template import Context, Template, TemplateSyntaxError
from django.test import RequestFactory
from django.urls import reverse

from accounts.models import Membership, Organisation, StudentProfile, User
from accounts.skills.functions import Function
from marketplace import colours, context, menus
from marketplace.templatetags import foothold
from tests.projects import postings

BASE = Path(settings.BASE_DIR)
TEMPLATES = sorted((BASE / "templates").rglob("*.html"))
MAIL = {
    path
    for path in TEMPLATES
    if "email" in path.relative_to(BASE / "templates").parts[0] or "email" in path.parts
}
PUBLIC = [
    "landing",
    "how",
    "for_employers",
    "terms",
    "privacy",
    "imprint",
    "account_login",
    "account_signup",
    "account_reset_password",
    "account_request_login_code",
    "styleguide",
    "search:browse",
]


def render(text: str, **values) -> str:
    request = RequestFactory().get("/things/?page=3&function=data&function=hr")
    request.user = AnonymousUser()
    return Template(text).render(Context({"request": request, **values}))


# --- what binds browsers ---------------------------------------------------------------------------------
INLINE = (r"\sstyle\s*=", r"<style\b", r"\son[a-z]+\s*=\s*[\"']", r"<script\b(?![^>]*(?:src=|application/))")


def test_no_template_carries_inline_style_or_script():
    found = {
        f"{path.relative_to(BASE)}: {rule}"
        for path in TEMPLATES
        if path not in MAIL
        for rule in INLINE
        if re.search(rule, path.read_text())
    }
    assert found == set()


def test_every_template_compiles_and_every_comment_ends_on_its_line():
    for path in TEMPLATES:
        Template(path.read_text())
    open_ended = [
        str(path.relative_to(BASE))
        for path in TEMPLATES
        if re.search(r"\{#(?:(?!#\}).)*$", path.read_text(), re.MULTILINE)
    ]
    assert open_ended == []


def test_every_icon_and_hold_that_a_template_names_is_in_the_sprite():
    missing = set()
    for path in TEMPLATES:
        text = path.read_text()
        named = {f"i-{name}" for name in re.findall(r'\{% icon "([a-z-]+)"', text)}
        named |= {f"i-{name}" for name in re.findall(r'\bicon="([a-z-]+)"', text)}
        named |= {f"hold-{name}" for name in re.findall(r'\{% hold(?:_shape)? "([a-z-]+)"', text)}
        missing |= {f"{path.relative_to(BASE)}: {name}" for name in named - foothold.glyphs()}
    assert missing == set()


def test_an_icon_that_does_not_exist_is_an_error_and_not_a_gap():
    with pytest.raises(TemplateSyntaxError):
        render('{% icon "unicorn" %}')


def test_every_function_has_its_own_hold_and_colour():
    css = (BASE / "static/css/foothold.css").read_text()
    sprite = (BASE / "static/icons.svg").read_text()
    shapes = [re.search(rf'id="hold-{slug}".*? d="([^"]+)"', sprite).group(1) for slug in Function.values]
    assert len(set(shapes)) == len(Function.values) == 12
    for slug in Function.values:
        assert f"--{slug}: light-dark(" in css
        assert f'[data-field="{slug}"]' in css


@pytest.mark.parametrize("slug", Function.values)
def test_the_colour_of_each_function_stands_out_from_the_page_in_both_themes(slug):
    css = (BASE / "static/css/foothold.css").read_text()
    light, dark = re.search(rf"--{slug}: light-dark\((#\w{{6}}), (#\w{{6}})\)", css).groups()
    assert colours.contrast(light, "#f0ede5") >= 3
    assert colours.contrast(dark, "#232826") >= 3


@pytest.mark.django_db
@pytest.mark.parametrize("name", PUBLIC)
def test_public_pages_answer_under_the_strict_policy_with_one_heading(client, name):
    response = client.get(reverse(name))
    assert response.status_code == 200
    policies = response.headers["Content-Security-Policy"]
    rules = {
        name: source for name, _, source in (rule.strip().partition(" ") for rule in policies.split(";"))
    }
    assert (
        rules["default-src"]
        == rules["object-src"]
        == rules["base-uri"]
        == rules["frame-ancestors"]
        == "'none'"
    )
    assert rules["script-src"] == rules["style-src"] == "'self'"
    assert "unsafe" not in policies
    page = response.content.decode()
    assert page.count("<h1") == 1
    assert not re.search(r"\sstyle\s*=", page)
    assert "<title>" in page
    assert "{{" not in page
    assert "{#" not in page


# --- the base page ---------------------------------------------------------------------------------------
@pytest.fixture
def student(db):
    person = User.objects.create_user("amara@example.edu", "a long enough secret", name="Amara Okafor")
    StudentProfile.objects.create(user=person)
    return person


@pytest.fixture
def owner(db):
    person = User.objects.create_user("ines@example.org", "a long enough secret", name="Ines Halden")
    Membership.objects.create(
        user=person, organisation=Organisation.objects.create(name="Halden Bikes"), role="owner"
    )
    return person


def header(client, name="how") -> str:
    page = client.get(reverse(name)).content.decode()
    return page[: page.index("<main")]


@pytest.mark.django_db
def test_a_visitor_is_offered_to_sign_in_and_carries_no_token(client):
    page = client.get(reverse("how")).content.decode()
    assert "Sign in" in page
    assert "Join" in page
    assert "hx-headers" not in page
    assert "csrfmiddlewaretoken" not in page


def test_the_foot_of_the_page_asks_only_visitors_to_join(client, student):
    def foot():
        page = client.get(reverse("how")).content.decode()
        return page[page.index('<footer class="site-footer"') :]

    assert reverse("account_signup") in foot()
    client.force_login(student)
    assert reverse("account_signup") not in foot()


def test_a_student_finds_their_own_menu_and_unread_news(client, student):
    student.notifications.create(kind="offer", thing="x:1", title="An offer")
    client.force_login(student)
    top = header(client)
    assert "Applications" in top
    assert "Post a project" not in top
    assert "1 unread" in top
    assert "hx-headers" in top
    assert "Sign out" in top


def test_an_employer_finds_the_way_to_post(client, owner):
    client.force_login(owner)
    top = header(client)
    assert "Post a project" in top
    assert "Halden Bikes" in top
    assert "Applications" not in top


def test_somebody_who_is_both_finds_both(client, owner):
    StudentProfile.objects.create(user=owner)
    client.force_login(owner)
    top = header(client)
    assert "Post a project" in top
    assert "Applications" in top


def test_the_page_that_one_is_on_is_marked_in_the_menu(client, student):
    client.force_login(student)
    top = header(client, "search:browse")
    assert re.findall(r'aria-current="page">([^<]+)<', top) == ["Find projects"]


def test_who_somebody_is_costs_one_query(student, django_assert_num_queries):
    request = HttpRequest()
    request.user, request.path = student, "/"
    site = context.Site(request)
    with django_assert_num_queries(1):
        assert (site.is_student, site.is_employer, site.is_school, site.unread) == (True, False, False, 0)
        assert site.nav


def test_every_entry_of_every_menu_leads_somewhere():
    lists = (
        menus.VISITOR,
        menus.STUDENT,
        menus.EMPLOYER,
        menus.BOTH,
        menus.SCHOOL,
        menus.NOBODY_YET,
        menus.ACCOUNT,
        menus.SETTINGS,
        menus.SOCIAL,
        [menus.POST],
        *(links for _, links in menus.FOOTER),
    )
    assert all(reverse(row[1]) for rows in lists for row in rows)


@pytest.mark.django_db
def test_the_style_guide_is_for_a_machine_of_ones_own(client, settings):
    settings.PLAYGROUND = False
    assert client.get(reverse("styleguide")).status_code == 404


@pytest.mark.django_db
def test_the_admin_follows_the_chosen_theme_and_the_strict_policy(client):
    client.force_login(postings.moderator())
    client.cookies["theme"] = "dark"
    answer = client.get(reverse("admin:index"))
    page = answer.content.decode()
    assert "theme-dark" in page
    assert "css/admin.css" in page
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert not re.search("|".join(INLINE), page)


# --- errors ----------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_a_missing_page_says_so_in_our_look(client):
    response = client.get("/nothing/here/")
    assert response.status_code == 404
    assert "nothing to hold on to" in response.content.decode()
    assert "Content-Security-Policy" in response.headers


@pytest.mark.django_db
def test_a_broken_address_is_a_bad_request_in_our_look(client):
    response = client.get("/?q=%00")
    assert response.status_code == 400
    assert "made no sense" in response.content.decode()


def test_the_page_for_our_own_faults_needs_neither_database_nor_context():
    assert "broke on our side" in Template((BASE / "templates/500.html").read_text()).render(Context())


@pytest.mark.django_db
def test_a_form_without_its_token_is_refused_kindly(django_client_strict):
    response = django_client_strict.post(
        reverse("account_login"), {"login": "a@example.com", "password": "x"}
    )
    assert response.status_code == 403
    assert "send that again" in response.content.decode()


@pytest.fixture
def django_client_strict():
    from django.test import Client

    return Client(enforce_csrf_checks=True)


@pytest.mark.django_db
def test_the_trap_of_the_joining_form_is_hidden_by_a_class(client):
    page = client.get(reverse("account_signup")).content.decode()
    trap = page[page.rindex("<div", 0, page.index('name="website"')) : page.index('name="website"')]
    assert "honeypot" in trap
