"""A kept search finds what is published from then on, tells once and in its rhythm, and shows nothing that is over."""

import threading
from datetime import timedelta
from xml.etree import ElementTree

import pytest
from django.core import mail as outbox
from django.db import connection
from django.http import QueryDict

from accounts.models import Mail, Notification, Preference, User
from accounts.notifications import delivery
from accounts.users.actions import erase_account
from marketplace.ground import clock
from marketplace.ground.errors import WrongMoment
from projects.alerting import actions, queries, tasks
from projects.alerting.models import Alert, SavedSearch, SearchRun
from projects.posting.models import Project
from projects.search import filters as filtering
from projects.search.queries import browse
from tests.accounts.test_fanout import at_noon, parsed
from tests.projects import people, postings
from tests.projects.test_matching import project_for, skill, student_with

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture(autouse=True)
def _by_day():
    at_noon()


def save(user, query: str = "", how: str = "instant", name: str = "") -> SavedSearch:
    return actions.save_search(by=user, params=QueryDict(query), how=how, name=name)


def publish(*skills, **changes) -> Project:
    """A new posting about which nobody was asked yet."""
    return project_for(*(skills or ("excel",)), **changes)


# --- reverse search is the search ----------------------------------------------------------------------------
QUERIES = [
    "",
    "function=data",
    "function=research&function=data",
    "function=marketing",
    "place=remote",
    "place=onsite",
    "skill=excel",
    "skill=excel&skill=welding",
    "skill=welding",
    "skill=nobody-knows-this",
    "hours=long",
    "hours=short&hours=medium",
    "pay=more",
    "pay=300&pay=600",
    "rate=25",
    "rate=40",
    "hours_min=10&hours_max=40",
    "hours_min=31",
    "pay_min=1000",
    "pay_max=90000000",
    "q=riders",
    "q=%22first-time+riders%22",
    "q=riders+-bikes+-hills",
    "q=zebras",
    "q=riders&function=research&hours=long&place=remote",
    "q=riders&function=data",
]


@pytest.mark.parametrize("query", QUERIES)
def test_a_new_project_is_found_by_exactly_the_searches_whose_page_shows_it(query):
    user = people.student()
    skill("excel"), skill("welding")
    search = save(user, query)
    project = publish("excel")
    page = browse(QueryDict(query), None)
    shown = project.pk in {getattr(row, "pk", None) or row.id for row in rows_of(page)}
    actions.run_searches(project.pk)
    assert Alert.objects.filter(search=search, project=project).exists() == shown


def rows_of(page):
    return page.page.object_list if hasattr(page, "page") else page.rows


def test_all_searches_are_asked_with_the_same_few_statements(django_assert_max_num_queries):
    users = User.objects.bulk_create(
        User(email=f"many{n}@example.com", name="Many", password="!", zone="UTC") for n in range(60)
    )
    for user in users:
        save(user, "function=research")
    project = publish()
    with django_assert_max_num_queries(35):
        assert actions.run_searches(project.pk) == 60
    assert Mail.objects.filter(kind="saved-search").count() == 60


# --- telling -------------------------------------------------------------------------------------------------
def test_it_is_told_once_whatever_runs_again(client):
    amara = people.student()
    save(amara, "function=research", name="Research for me")
    save(amara, "q=riders", name="Riders")
    project = publish()
    assert (actions.run_searches(project.pk), actions.run_searches(project.pk)) == (1, 0)
    tasks.sweep()
    told = Notification.objects.get(kind="saved-search")  # two searches, one project, one notice
    assert told.user == amara
    assert "Research for me" in told.body
    assert delivery.send_pending() >= 1
    sent = next(m for m in map(parsed, outbox.outbox) if "New: " in m["Subject"])
    first = SavedSearch.objects.get(name="Research for me")
    assert f"/saved-search/{first.public_id}/" in sent["List-Unsubscribe"]
    path = sent["List-Unsubscribe"].strip("<> ")
    path = path[path.index("/inbox") :]
    assert "Research for me" in client.get(path).content.decode()
    client.post(path, {"List-Unsubscribe": "One-Click"})
    assert {s.name: s.how for s in SavedSearch.objects.all()} == {
        "Research for me": "off",
        "Riders": "instant",
    }


def test_whoever_has_to_do_with_it_already_is_left_alone():
    project = publish()
    amara, bela, cleo = (people.student(name) for name in ("Amara", "Bela", "Cleo"))
    for user in (amara, bela, cleo, project.member):
        save(user)
    people.apply(project, amara)
    User.objects.filter(pk=bela.pk).update(suspended_at=clock.now())
    assert actions.run_searches(project.pk) == 1
    assert Notification.objects.get(kind="saved-search").user == cleo


def test_what_was_told_as_a_match_is_not_told_again():
    amara, project = people.student(), publish()
    save(amara)
    Notification.objects.create(user=amara, kind="match", thing=f"projects.project:{project.pk}", title="x")
    assert actions.run_searches(project.pk) == 0
    assert Alert.objects.get().told_at


def test_at_once_means_five_a_day_and_the_rest_waits_for_one_mail():
    amara = people.student()
    save(amara)
    for number in range(6):
        project = publish(title=f"Project number {number}", member=postings.person())
        actions.run_searches(project.pk)
    assert Notification.objects.filter(kind="saved-search").count() == 5
    assert tasks.digests() == 0
    clock.advance(timedelta(days=1, minutes=5))
    assert (tasks.digests(), tasks.digests()) == (1, 0)
    assert "Project number 5" in Mail.objects.get(subject__startswith="1 new project").text


def test_a_daily_mail_shows_five_well_with_reasons_and_the_way_out(client):
    amara = student_with("excel", "surveys")
    search = save(amara, how="daily", name="Anything")
    for number in range(7):
        project = publish("excel", "surveys", title=f"Project number {number}", member=postings.person())
        actions.run_searches(project.pk)
    assert not Notification.objects.filter(kind="saved-search").exists()
    clock.advance(timedelta(days=1, minutes=5))
    assert (tasks.digests(), tasks.digests()) == (1, 0)
    mail = Mail.objects.get(key__startswith="alerts:")
    assert mail.subject == "7 new projects for “Anything”"
    assert mail.text.count("an hour") == mail.html.count("an hour") == 5
    assert "You have 2 of the 2 skills" in mail.html
    assert "2 more for this search" in mail.text
    sent = delivery.message(mail)
    assert f"/saved-search/{search.public_id}/" in sent.extra_headers["List-Unsubscribe"]
    assert f"/saved-search/{search.public_id}/" in mail.html
    assert Notification.objects.get(kind="saved-search").title == mail.subject


def test_a_weekly_search_waits_a_week_and_an_empty_one_sends_nothing():
    amara = people.student()
    save(amara, how="weekly")
    save(amara, "q=zebras", how="daily")
    project = publish()
    actions.run_searches(project.pk)
    clock.advance(timedelta(days=2))
    assert tasks.digests() == 0
    clock.advance(timedelta(days=4, hours=23))
    assert tasks.digests() == 0
    Project.objects.filter(pk=project.pk).update(apply_by=clock.now() + timedelta(days=3))
    clock.advance(timedelta(hours=2))
    assert tasks.digests() == 1


def test_only_in_the_app_is_respected():
    amara = people.student()
    Preference.objects.create(user=amara, kind="saved-search", how="app")
    save(amara)
    save(amara, "function=research", how="daily")
    actions.run_searches(publish().pk)
    clock.advance(timedelta(days=1, minutes=5))
    tasks.digests()
    assert Notification.objects.filter(kind="saved-search").count() == 2
    assert not Mail.objects.filter(kind="saved-search").exists()


@pytest.mark.parametrize("how", ["closed", "paused"])
def test_a_project_that_is_over_before_the_mail_leaves_is_told_to_nobody(how):
    clock.advance(timedelta(hours=11))  # 23:00: mails wait for the morning
    now, later = people.student(), people.student("Bela")
    User.objects.update(zone="UTC")
    save(now)
    save(later, how="daily")
    project = publish()
    actions.run_searches(project.pk)
    if how == "closed":
        postings.actions.close_project(by=project.member, project=project, reason="cancelled")
    else:
        postings.actions.pause_project(by=postings.moderator(), project=project, reasons="Reported")
    clock.advance(timedelta(days=1, hours=10))
    tasks.digests()
    delivery.send_pending()
    assert not Notification.objects.filter(kind="saved-search").exists()
    assert not [m for m in outbox.outbox if "New: " in m.subject or "new project" in m.subject]


def test_a_hidden_project_is_told_to_nobody_and_a_lost_message_loses_nothing():
    save(people.student())
    project = publish()
    Project.objects.filter(pk=project.pk).update(paused_at=clock.now())
    assert actions.run_searches(project.pk) == 0
    Project.objects.filter(pk=project.pk).update(paused_at=None)
    assert tasks.sweep() == 1
    assert SearchRun.objects.get().found == 1


def test_four_workers_at_once_tell_each_person_once(transactional_db):
    for number in range(8):
        save(people.student(f"Student {number}"))
    project = publish()
    barrier = threading.Barrier(4)

    def work():
        try:
            barrier.wait()
            actions.run_searches(project.pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Notification.objects.filter(kind="saved-search").count() == 8


# --- keeping -------------------------------------------------------------------------------------------------
def test_keeping_changing_and_deleting_on_the_pages(client):
    amara = people.student()
    client.force_login(amara)
    skill("excel")
    query = "q=riders&function=research&skill=excel&rate=25&sort=pay&page=3"
    form = client.get(f"/searches/new/?{query}").content.decode()
    assert "“riders”, Research, Excel, $25 an hour or more" in form
    assert client.post(f"/searches/new/?{query}", {"name": "", "how": "hourly"}).status_code == 422
    client.post(f"/searches/new/?{query}", {"name": "Mine", "how": "weekly"})
    client.post(f"/searches/new/?{query}", {"name": "Mine again", "how": "daily"})
    search = SavedSearch.objects.get()
    assert (search.name, search.how, search.query) == (
        "Mine again",
        "daily",
        "q=riders&function=research&skill=excel&rate=25",
    )
    assert "Mine again" in client.get("/searches/").content.decode()
    client.post(f"/searches/{search.public_id}/", {"name": "Less", "how": "off"})
    search.refresh_from_db()
    assert (search.name, search.how) == ("Less", "off")
    client.post(f"/searches/{search.public_id}/delete/")
    assert not SavedSearch.objects.exists()


def test_twenty_are_the_most():
    amara = people.student()
    for number in range(20):
        save(amara, f"q=word{number}")
    with pytest.raises(WrongMoment, match="20 saved searches"):
        save(amara, "q=one-too-many")
    save(amara, "q=word3", name="Renamed")  # the same filter is the same search
    assert SavedSearch.objects.count() == 20


def test_nobody_reaches_the_searches_of_another(client):
    search = save(people.student(), name="private-name")
    client.force_login(people.student("Bela"))
    assert client.get(f"/searches/{search.public_id}/").status_code == 404
    assert client.post(f"/searches/{search.public_id}/delete/").status_code == 404
    assert "private-name" not in client.get("/searches/").content.decode()


def test_an_erased_person_leaves_no_search():
    amara = people.student()
    save(amara)
    erase_account(by=amara)
    assert not SavedSearch.objects.exists()


@pytest.mark.parametrize(
    "query",
    [
        "q=%00",
        "q=%27%29%3B--",
        "q=" + "x" * 5000,
        "q=%22%22%22+-+-&skill=%27",
        "hours_min=" + "9" * 40,
        "q=%F0%9F%9A%B2",
    ],
)
def test_hostile_filters_are_kept_or_refused_and_never_an_error(client, query):
    client.force_login(people.student())
    if "%00" in query:  # refused at the door of the whole site
        assert client.get(f"/searches/new/?{query}").status_code == 400
        return
    assert client.get(f"/searches/new/?{query}").status_code == 200
    assert client.post(f"/searches/new/?{query}", {"name": "x" * 80, "how": "instant"}).status_code in (
        302,
        422,
    )
    for kind in ("atom", "rss"):
        answer = client.get(f"/projects.{kind}?{query}")
        assert answer.status_code == 200
        ElementTree.fromstring(answer.content)
    actions.run_searches(publish().pk)


# --- feeds ---------------------------------------------------------------------------------------------------
def test_the_feed_is_valid_says_what_counts_and_forgets_a_closed_project_at_once(client):
    project = publish(title="Rides & <tides>", function="research")
    publish(title="Another one", function="marketing", member=postings.person())
    answer = client.get("/projects.atom?function=research&sort=pay")
    assert answer["Content-Type"].startswith("application/atom+xml")
    feed = ElementTree.fromstring(answer.content)
    (entry,) = feed.findall(f"{ATOM}entry")
    assert entry.find(f"{ATOM}title").text == "Rides & <tides>"
    assert "$675.00 for 30 hours" in entry.find(f"{ATOM}summary").text
    for needed in ("id", "title", "updated"):
        assert feed.find(ATOM + needed) is not None
        assert entry.find(ATOM + needed) is not None
    (link,) = [one for one in feed.findall(f"{ATOM}link") if one.get("rel") == "self"]
    assert link.get("href").endswith("/projects.atom?function=research")
    again = client.get("/projects.atom?function=research", headers={"If-None-Match": answer["ETag"]})
    assert again.status_code == 304
    assert "no-cache" in answer["Cache-Control"]
    rss = ElementTree.fromstring(client.get("/projects.rss?function=research").content)
    assert [item.find("title").text for item in rss.iter("item")] == ["Rides & <tides>"]
    postings.actions.close_project(by=project.member, project=project, reason="cancelled")
    gone = client.get("/projects.atom?function=research", headers={"If-None-Match": answer["ETag"]})
    assert gone.status_code == 200
    assert ElementTree.fromstring(gone.content).findall(f"{ATOM}entry") == []


def test_the_feed_is_the_same_for_everybody_and_names_no_person(client):
    publish()
    amara = people.student()
    visitor = client.get("/projects.atom").content
    client.force_login(amara)
    assert client.get("/projects.atom").content == visitor
    assert b"Ines" not in visitor


def test_the_words_of_a_filter_name_it():
    found = filtering.read(QueryDict("place=remote&hours=short&pay=300&hours_min=5&pay_max=40000"))
    assert queries.describe(found) == "Remote, Up to 15 hours, Under $300, from 5 hours, up to $400"
    assert queries.describe(filtering.read(QueryDict(""))) == "Every new project"
