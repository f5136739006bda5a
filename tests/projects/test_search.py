"""Finding projects: the words, the filters with their counts, the orders, and what the page costs."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.skills.models import Skill
from marketplace.ground import clock
from projects.posting.models import Project, ProjectSkill
from projects.search import listing, queries, reading
from projects.search.models import Bookmark

from .postings import organisation, person, published, rows, student

pytestmark = pytest.mark.django_db
BROWSE = "/projects/"


def found(**params) -> list[str]:
    """The titles that a visitor finds, in order."""
    return [project.title for project in queries.projects_of(queries.browse(params, None).rows)]


def counts(name: str, **params) -> dict[str, int]:
    return {choice.value: choice.count for choice in queries.browse(params, None).facets[name]}


def skill(name: str, **fields) -> Skill:
    return Skill.objects.create(
        slug=name.lower().replace(" ", "-"), name=name, function="data", state="accepted", **fields
    )


# --- the list --------------------------------------------------------------------------------------------
def test_words_are_found_in_title_skills_text_and_organisation():
    member = person()
    skill("Survey design", aliases=["Questionnaires"])
    published(member, organisation(member, name="Tidewater Oysters"))
    for words in (
        "riders",
        "rider",
        "questionnaire",
        "helmets",
        "oysters",
        "tidew",
        '"come back"',
        "riders -penguins",
    ):
        assert found(q=words), words
    for words in ("penguins", "riders -bike", "the"):
        assert not found(q=words), words


def test_a_hit_in_the_title_comes_before_a_hit_in_the_text():
    halden = organisation()
    rows(1, halden, title="Plan a month of posts", summary="About museum visitors and the museum shop")
    rows(1, halden, title="Write labels for a museum", summary="Short texts")
    assert found(q="museum")[0] == "Write labels for a museum"


@pytest.fixture
def market():
    halden = organisation()
    rows(2, halden, function="data", hours=10, price=30_000)  # net 270.00, 27.00 an hour
    rows(3, halden, function="design", hours=20, price=50_000, location_mode="hybrid")  # net 450, 22.50
    rows(1, halden, function="data", hours=32, price=160_000, location_mode="onsite")  # net 1,440, 45.00
    return halden


@pytest.mark.parametrize(
    ("params", "number"),
    [
        ({}, 6),
        ({"function": "data"}, 3),
        ({"function": ["data", "design"]}, 6),
        ({"function": "policy"}, 0),
        ({"place": "hybrid"}, 3),
        ({"place": ["hybrid", "onsite"]}, 4),
        ({"hours": "short"}, 2),
        ({"hours": "medium"}, 3),
        ({"hours": ["short", "long"]}, 3),
        ({"pay": "300"}, 2),
        ({"pay": ["600", "more"]}, 4),
        ({"rate": "25"}, 3),
        ({"rate": "40"}, 1),
        ({"hours_min": "11"}, 4),
        ({"hours_max": "20"}, 5),
        ({"pay_min": "45001"}, 1),
        ({"pay_max": "45000"}, 5),
        ({"function": "data", "place": "onsite", "rate": "30"}, 1),
    ],
)
def test_filters_leave_what_fits(market, params, number):
    assert queries.browse(params, None).total == number


def test_counts_say_what_each_choice_would_show(market):
    assert counts("function")["data"] == 3
    assert counts("function", function="design")["data"] == 3, "a choice does not hide its neighbours"
    assert counts("function", place="hybrid") | {"data": 0, "design": 3} == counts("function", place="hybrid")
    assert counts("place", function="data") == {"remote": 2, "hybrid": 0, "onsite": 1}
    assert counts("hours") == {"short": 2, "medium": 3, "long": 1}
    assert counts("rate", function="data") == {"25": 3, "30": 1, "40": 1}
    assert counts("pay", rate="25") == {"300": 2, "600": 0, "more": 1}


def test_each_count_is_what_one_then_finds(market):
    params = {"function": ["data"], "hours": ["long"]}
    for name, field in (("function", "function"), ("place", "place"), ("hours", "hours"), ("pay", "pay")):
        for value, number in counts(name, **params).items():
            assert queries.browse(params | {field: [value]}, None).total == number, (name, value)


def test_skills_are_counted_and_filtered_by_any_of_them(market):
    excel, python = skill("Excel"), skill("Python")
    first, second, third = Project.objects.all()[:3]
    for project, asked in ((first, excel), (second, excel), (third, python)):
        project.project_skills.create(skill=asked)
    reading.refresh([first.pk, second.pk, third.pk])
    assert counts("skill") == {"excel": 2, "python": 1}
    assert queries.browse({"skill": ["excel"]}, None).total == 2
    assert queries.browse({"skill": ["excel", "python"]}, None).total == 3
    assert counts("skill", skill="python", place="onsite")["python"] == 0
    found = queries.browse({"skill": "python"}, None)
    assert [chip["label"] for chip in queries.chips(found.filters, found.facets)] == ["Python"]


def test_orders():
    halden, now = organisation(), clock.now()
    rows(
        1,
        halden,
        title="Old",
        published_at=now - timedelta(days=3),
        apply_by=now + timedelta(days=9),
        price=41_000,
    )
    rows(
        1, halden, title="New", apply_by=now + timedelta(days=4), price=50_000, hours=25, application_count=3
    )
    rows(
        1,
        halden,
        title="Rich",
        published_at=now - timedelta(days=1),
        price=90_000,
        hours=60,
        application_count=9,
    )
    assert found(sort="newest") == ["New", "Rich", "Old"]
    assert found(sort="closing")[0] == "New"
    assert found(sort="pay") == ["Rich", "New", "Old"]
    assert found(sort="rate") == ["Old", "New", "Rich"]
    assert found(sort="fewest") == ["Old", "New", "Rich"]


NASTY = [
    "page=0",
    "page=-1",
    "page=99999999999999999999",
    "page=abc",
    "page=1.5",
    "q=%27%22%3B--",
    "q=" + "x" * 3000,
    "q=%F0%9F%9A%B2",
    "q=a%26%7C%21%28%29%3A%2A",
    "q=%3Cscript%3Ealert(1)%3C/script%3E",
    "q=the",
    "q=%20%20",
    "q=-",
    "q=%22",
    "q=%5C",
    "q=%D8%A7%D8%B3%D8%A3%D9%84",
    "function=nothing",
    "function=" + "x" * 500,
    "hours=short%27",
    "rate=1%20OR%201=1",
    "hours_min=-5",
    "hours_max=99999999999999999999",
    "pay_min=NaN",
    "pay_max=%D9%A3",
    "sort=drop",
    "skill=%27",
    "skill=" + "a" * 100,
    "&".join(f"skill=s{i}" for i in range(300)),
    "sort=relevance",
    "place=&place=&q=",
    "rate=25&rate=40",
    "q=%ED%A0%80",
    "q=___",
    "q=a%27%27b",
    "show=1&x[]=2",
]


@pytest.mark.parametrize("query", NASTY)
def test_any_query_string_is_answered_with_a_page(client, market, query):
    for headers in ({}, {"HX-Request": "true", "HX-Target": "results"}):
        response = client.get(f"{BROWSE}?{query}", headers=headers)
        assert response.status_code == 200
        assert "<script>alert" not in response.content.decode()


def test_what_an_order_by_relevance_leaves_out_is_said_when_it_does(client, monkeypatch):
    rows(6, organisation(), function="design")
    said = "The best of the newest that mention it."
    assert said not in client.get(BROWSE + "?q=project&sort=relevance").content.decode()
    monkeypatch.setattr(listing, "RANKED", 5)
    assert said in client.get(BROWSE + "?q=project&sort=relevance").content.decode()
    assert said not in client.get(BROWSE + "?q=project&sort=newest").content.decode()


def test_a_nul_byte_is_a_bad_request(client):
    assert client.get(BROWSE + "?q=%00").status_code == 400


def test_pages_are_bounded_and_keep_the_filters(client):
    rows(45, organisation(), function="design")
    page, seen = client.get(BROWSE + "?function=design").content.decode(), []
    for number in (20, 20, 5):
        titles = re.findall(r">(Project number \d+)</a>", page)
        assert len(titles) == number
        assert "45 projects" in page
        seen += titles
        step = re.search(r'rel="next" href="([^"]+)"', page)
        if step:
            assert "function=design" in step[1]
            page = client.get(BROWSE + step[1].replace("&amp;", "&")).content.decode()
    assert seen == [f"Project number {i}" for i in range(45)]
    back = BROWSE + re.search(r'rel="prev" href="([^"]+)"', page)[1].replace("&amp;", "&")
    assert re.findall(r">(Project number \d+)</a>", client.get(back).content.decode()) == seen[20:40]


def test_when_nothing_fits_the_page_says_what_to_do_and_shows_what_is_close(client):
    rows(1, organisation(), title="Count the oysters", function="data")
    page = client.get(BROWSE + "?q=penguin+oysters+count&place=onsite").content.decode()
    assert "No projects match yet" in page
    assert "Keep the words, drop the filters" in page
    assert "Count the oysters" in page


def test_an_empty_market_says_so(client):
    assert "No project is open at the moment" in client.get(BROWSE).content.decode()


def test_htmx_gets_only_the_results_and_the_new_counts(client, market):
    response = client.get(BROWSE + "?function=data", headers={"HX-Request": "true", "HX-Target": "results"})
    page = response.content.decode()
    assert "<html" not in page
    assert page.lstrip().startswith('<section id="results"')
    assert 'id="n-place-remote" hx-swap-oob="true">2<' in page


def queries_of(client, url: str) -> int:
    with CaptureQueriesContext(connection) as caught:
        assert client.get(url).status_code == 200
    return len(caught)


COUNTED = BROWSE + "?q=project&function=data&rate=25&sort=pay"


@pytest.mark.parametrize(
    ("url", "signed_in"),
    [(BROWSE, False), (BROWSE, True), (COUNTED, False), (COUNTED, True), ("/saved/", True)],
)
def test_the_number_of_queries_does_not_grow_with_the_rows(client, url, signed_in):
    halden, reader = organisation(), student()
    if signed_in:
        client.force_login(reader)

    excel = skill("Excel")

    def add(number):
        made = rows(number, halden)
        ProjectSkill.objects.bulk_create(ProjectSkill(project=project, skill=excel) for project in made)
        Bookmark.objects.bulk_create(Bookmark(user=reader, project=project) for project in made)

    add(10)
    client.get(url)  # what is looked up once and kept
    few = queries_of(client, url)
    add(190)
    assert queries_of(client, url) == few
    assert few <= 24  # nothing is kept between requests here, and no word is known
