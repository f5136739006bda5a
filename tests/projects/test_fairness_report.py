"""The operator's fairness report, its file, the switch and the slider, and what the public reads of it."""

import csv
from datetime import timedelta
from io import StringIO
from itertools import pairwise

import pytest

from accounts.schools.models import School
from marketplace.ground import clock, policy
from projects.exposing import actions, report, tradeoff, weeks
from projects.exposing.models import ExposureWeek
from tests.projects import people, postings

pytestmark = pytest.mark.django_db
URL = "/admin/projects/exposureweek/"


def superuser():
    return postings.person("Oda Operator", is_staff=True, is_superuser=True)


def some_lists(students: int = 6) -> list:
    school, _ = School.objects.get_or_create(name="=Northgate")
    users = [people.student(f"Student {n}", school=school) for n in range(students)]
    pool = [(user.pk, 1 - n / 20) for n, user in enumerate(users)]
    actions.log_list("notice", about=1, function="data", shown=pool[: students - 1], pool=pool)
    weeks.write_recent()
    return users


def test_an_empty_site_has_an_honest_report(client):
    client.force_login(postings.moderator())
    page = client.get(URL).content.decode()
    assert "No list of students has been shown yet" in page


def test_the_report_says_the_figures_in_words_charts_and_tables(client, django_assert_max_num_queries):
    some_lists()
    client.force_login(postings.moderator())
    client.get(URL)
    with django_assert_max_num_queries(22):
        page = client.get(URL).content.decode()
    assert "83 % of the 6 students who fit something were shown" in page
    assert "First-timers had 100 % of the first ten places" in page
    assert "The lists kept 100.0 % of the best possible fit" in page
    assert "<svg" in page
    assert "Data" in page
    assert "Northgate" in page
    assert 'type="range"' not in page  # a moderator reads, the operator decides


def test_the_file_has_the_figures_and_no_formula_and_nobody(client):
    users = some_lists()
    client.force_login(postings.moderator())
    answer = client.get(f"{URL}figures.csv")
    assert answer["Content-Type"].startswith("text/csv")
    rows = list(csv.DictReader(StringIO(answer.content.decode())))
    assert {row["scope"] for row in rows} == {"all", "function", "school"}
    school = next(row for row in rows if row["scope"] == "school")
    assert school["value"] == "'=Northgate"
    assert float(rows[0]["seen"]) == pytest.approx(5 / 6)
    assert all(user.email not in answer.content.decode() for user in users)


def test_only_a_superuser_moves_the_switch_and_the_slider_and_it_is_kept_in_the_history(client):
    some_lists()
    client.force_login(postings.moderator())
    assert client.post(f"{URL}order/", {"fair_strength": 8}).status_code == 403
    client.force_login(superuser())
    assert 'type="range"' in client.get(URL).content.decode()
    assert client.post(f"{URL}order/", {"fair_order": "on", "fair_strength": "99"}).status_code == 422
    assert policy.current().fair_strength == 10
    client.post(f"{URL}order/", {"fair_order": "on", "fair_strength": "8"})
    assert policy.current().fair_strength == 8
    clock.advance(timedelta(days=9))
    some_lists(4)
    page = client.get(URL).content.decode()
    assert "What each setting has brought on this site" in page
    assert {row["strength"] for row in report.page()["settings_seen"]} == {8, 10}
    assert "fair_strength" in client.get("/admin/ground/policy/1/change/").content.decode()


def test_the_measured_tradeoff_stands_beside_the_slider_with_the_present_setting_marked(client):
    client.force_login(superuser())
    page = client.get(URL).content.decode()
    table = page.split("What each setting costs and brings, measured by simulation")[1].split("</table>")[0]
    assert len(tradeoff.rows()) >= 5
    for row in tradeoff.rows():
        assert f"{row['fit_kept'] * 100:.1f} %" in table
        assert f"{row['gini']:.2f}" in table
    assert table.count("(now)") == 1
    assert "10 (now)" in table
    client.post(f"{URL}order/", {"fair_order": "on", "fair_strength": "14"})
    assert "14 (now)" in client.get(URL).content.decode()


def test_more_strength_never_keeps_more_fit_and_never_shows_fewer():
    rows = tradeoff.rows()
    assert [row["strength"] for row in rows] == sorted({row["strength"] for row in rows})
    for weaker, stronger in pairwise(rows):
        assert stronger["fit_kept"] < weaker["fit_kept"]
        assert stronger["gini"] < weaker["gini"]
        assert stronger["seen"] >= weaker["seen"]
    assert all(row["newcomers_top"] >= row["newcomers_qualified"] for row in rows)


def test_strangers_do_not_see_the_report(client):
    some_lists()
    for user in (people.student(), postings.person()):
        client.force_login(user)
        for path in ("", "figures.csv", "order/"):
            assert client.get(URL + path).status_code in (302, 403, 404)


def test_the_public_page_has_figures_once_there_are_enough_cases(client):
    page = client.get("/how-it-works/lists/").content.decode()
    assert "How lists are ordered" in page
    assert "students who fit something" not in page
    some_lists(4)
    assert "students who fit something" not in client.get("/how-it-works/lists/").content.decode()
    ExposureWeek.objects.update(qualified=1200)
    assert "75 % of the 1,200 students" in client.get("/how-it-works/lists/").content.decode()
    rules = policy.current()
    rules.fair_order = False
    rules.save()
    assert "switched off" in client.get("/how-it-works/lists/").content.decode()
    assert "/how-it-works/lists/" in client.get("/how-it-works/").content.decode()
