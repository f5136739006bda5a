"""After the end: reviews that are blind to both sides, public records, and the record of completed work."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.notifications.models import Notification
from accounts.skills.models import Skill
from marketplace.ground import clock
from marketplace.ground.errors import Invalid, NotAllowed, WrongMoment
from projects.hiring.models import Engagement, Milestone
from projects.posting.models import ProjectSkill
from projects.reviewing import actions, claims, figures, queries, tasks
from projects.reviewing.models import Credential, Review
from projects.working import actions as working

from . import engagements as world

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def monday():
    world.go_to("2027-03-01 10:00")


@pytest.fixture
def amara():
    return world.student("Amara Okafor", portfolio_on=True, headline="Counts things carefully")


@pytest.fixture
def hana():
    return world.person("Hana Reyes")


@pytest.fixture
def kitchen(hana):
    return world.organisation(hana, sector="Food")


@pytest.fixture
def engagement(amara, hana, kitchen):
    return world.completed(amara, hana, kitchen, milestones=1)


def write(by, engagement, score=4, again=True, text="Good to work with."):
    return actions.write_review(by=by, engagement=engagement, score=score, again=again, text=text)


def address(name: str, thing) -> str:
    return reverse(f"reviewing:{name}", args=[thing.public_id])


def words(response) -> str:
    return " ".join(response.content.decode().split())


def seen_by(user, engagement) -> set[str]:
    return set(queries.visible_to(user).filter(engagement=engagement).values_list("side", flat=True))


def after_the_window(engagement):
    world.go_to(engagement.review_until + timedelta(minutes=1))
    tasks.window_clock()
    tasks.window_clock()


# --- blind to both sides: every combination of what the two do -------------------------------------------------
EARLY, LATE, NEVER = "writes", "tries after the window", "never writes"


@pytest.mark.parametrize("student_does", [EARLY, LATE, NEVER])
@pytest.mark.parametrize("employer_does", [EARLY, LATE, NEVER])
def test_nobody_reads_before_both_are_in_or_the_window_is_over(
    engagement, amara, hana, student_does, employer_does
):
    sides = {"student": (amara, student_does), "employer": (hana, employer_does)}
    early = {side for side, (_, does) in sides.items() if does == EARLY}
    for side in sorted(early):
        write(sides[side][0], engagement)
    both = len(early) == 2
    visitor = world.person("Visitor")
    assert seen_by(visitor, engagement) == (early if both else set())
    assert seen_by(amara, engagement) == (early if both else early & {"student"})
    assert seen_by(hana, engagement) == (early if both else early & {"employer"})
    after_the_window(engagement)
    assert seen_by(visitor, engagement) == early
    for user, does in sides.values():
        if does == LATE:
            with pytest.raises(WrongMoment, match="time to review is over"):
                write(user, engagement)
    assert seen_by(visitor, engagement) == early


def test_each_side_writes_once(engagement, amara, hana, kitchen):
    from accounts.employers.models import Membership

    colleague = world.person("Colleague")
    Membership.objects.create(organisation=kitchen, user=colleague)
    write(hana, engagement)
    for by in (hana, colleague):
        with pytest.raises(WrongMoment, match="has written"):
            write(by, engagement, score=1)
    assert Review.objects.get().score == 4


def test_only_the_two_parties_review_and_only_after_the_end(amara, hana, kitchen):
    going_on = world.active(amara, hana, kitchen)
    with pytest.raises(WrongMoment, match="when the project has ended"):
        write(amara, going_on)
    for by in (world.student("Bo"), world.person("Mo", is_staff=True)):
        with pytest.raises(NotAllowed):
            write(by, going_on)


def test_what_was_cancelled_after_the_start_is_reviewed_and_what_never_started_is_not(amara, hana, kitchen):
    started = world.active(amara, hana, kitchen)
    working.cancel_engagement(by=amara, engagement=started)
    assert write(hana, world.again(started)).side == "employer"
    unstarted = world.funded(world.student("Cleo"), hana, kitchen)
    working.cancel_engagement(by=hana, engagement=unstarted)
    with pytest.raises(WrongMoment, match="never started"):
        write(hana, world.again(unstarted))


@pytest.mark.parametrize(
    ("review", "field"),
    [
        ({"score": 0}, "score"),
        ({"score": 6}, "score"),
        ({"score": "5"}, "score"),
        ({"score": True}, "score"),
        ({"score": 4.5}, "score"),
        ({"again": "yes"}, "again"),
        ({"again": None}, "again"),
        ({"text": "x" * 1501}, "text"),
    ],
)
def test_a_review_that_cannot_be_says_so_beside_the_field(engagement, amara, review, field):
    with pytest.raises(Invalid) as refused:
        write(amara, engagement, **review)
    assert set(refused.value.message_dict) == {field}
    assert not Review.objects.exists()


def test_people_are_reminded_once_and_told_when_it_is_public(engagement, amara, hana):
    write(amara, engagement)
    world.go_to(engagement.review_until - timedelta(hours=47))
    for _ in range(2):
        tasks.reminders()
    reminded = Notification.objects.filter(kind="review_window")
    assert [n.user for n in reminded] == [hana]
    assert not Notification.objects.filter(kind="reviewed").exists()
    after_the_window(engagement)
    assert [n.user for n in Notification.objects.filter(kind="reviewed")] == [hana]


# --- the page of reviews -----------------------------------------------------------------------------------------
def test_reviewing_on_the_page(client, engagement, amara, hana):
    client.force_login(amara)
    page = address("review", engagement)
    assert "How was it with Civic Kitchen?" in words(client.get(page))
    response = client.post(page, {"score": "9", "text": "kept words"})
    assert response.status_code == 422
    for part in ("kept words", "Choose one of the five.", "Say yes or no."):
        assert part in words(response)
    response = client.post(page, {"score": "5", "again": "yes", "text": "Clear and kind."}, follow=True)
    assert "Hidden until both are in" in words(response)
    assert client.post(page, {"score": "1", "again": "no"}).status_code == 409
    client.force_login(hana)
    assert "Clear and kind." not in words(client.get(page))
    response = client.post(page, {"score": "4", "again": "no"}, follow=True)
    assert "Clear and kind." in words(response)
    client.force_login(world.student("Bo"))
    assert client.get(page).status_code == 404
    assert client.post(page, {"score": "1", "again": "no"}).status_code == 404


# --- scores and figures -------------------------------------------------------------------------------------------
def reviewed(who, boss, of, score=5, **more):
    made = world.completed(who, boss, of, milestones=1, **more)
    write(who, made, score=score)
    write(boss, made, score=score)
    return made


def test_a_public_score_needs_two_engagements_with_two_people(amara, hana, kitchen):
    reviewed(amara, hana, kitchen, score=5)
    assert queries.employer_record(kitchen).score.stars is None
    reviewed(amara, hana, kitchen, score=5)
    assert queries.employer_record(kitchen).score.stars is None  # two engagements, one person
    reviewed(world.student("Cleo"), hana, kitchen, score=2)
    assert queries.employer_record(kitchen).score.stars == 4.0
    assert queries.student_record(amara).score.stars is None  # one employer
    boss = world.person("Other boss")
    reviewed(amara, boss, world.organisation(boss, name="Elsewhere"), score=4)
    assert queries.student_record(amara).score.stars == 4.7


def test_hidden_reviews_do_not_count(amara, hana, kitchen):
    for who in (amara, world.student("Cleo")):
        write(who, world.completed(who, hana, kitchen, milestones=1))
    assert queries.employer_record(kitchen).score == queries.Score(0, None, None)


def test_figures_below_five_cases_are_not_shown(amara, hana, kitchen):
    engagement = world.completed(amara, hana, kitchen, milestones=4)
    assert queries.employer_record(kitchen).on_time is None
    last = world.active(world.student("Cleo"), hana, kitchen, milestones=1)
    world.hand_in(last.student, world.milestones(last)[0], hours="8")
    clock.advance(timedelta(days=9))
    working.approve_milestone(by=None, milestone=world.milestones(last)[0], silence=True)
    record = queries.employer_record(kitchen)
    assert (record.on_time, record.completed) == (80, 2)
    assert (record.hours, record.hours_cases) == (None, 1)  # one engagement whose hours are known
    assert engagement.state == "completed"


def test_actual_hours_stand_beside_the_estimate_from_five_cases_on(hana, kitchen):
    for n in range(5):
        made = world.active(world.student(f"Student {n}"), hana, kitchen, milestones=1)
        world.hand_in(made.student, world.milestones(made)[0], hours="5")
        working.approve_milestone(by=hana, milestone=world.milestones(made)[0])
    record = queries.employer_record(kitchen)
    assert (record.hours, record.hours_cases) == (125, 5)
    shown = [(figure["n"], figure["label"]) for figure in figures.of_employer(record)]
    assert ("125%", "of the estimated hours were needed") in shown


def test_an_employer_that_did_not_pay_in_time_has_it_on_its_record(amara, hana, kitchen, client):
    from projects.hiring.tasks import funds_clock

    engagement = world.accepted(amara, hana, kitchen)
    Engagement.objects.filter(pk=engagement.pk).update(fund_by=clock.now() - timedelta(minutes=1))
    funds_clock()
    assert queries.employer_record(kitchen).unfunded == 1
    assert "Did not secure the funds in time" in words(client.get(address("employer", kitchen)))


# --- public pages -------------------------------------------------------------------------------------------------
def test_anybody_reads_an_employers_record(client, amara, hana, kitchen):
    reviewed(amara, hana, kitchen)
    world.project(kitchen, title="Count the queue at noon")
    world.project(kitchen, title="A draft nobody sees", state="draft")
    text = words(client.get(address("employer", kitchen)))
    for part in ("Civic Kitchen", "Good to work with.", "Count the queue at noon", "at least 5 cases"):
        assert part in text, part
    assert "A draft nobody sees" not in text
    assert "Amara" not in text
    assert "of 5</span>" not in text  # one review makes no public score, not even its own


def test_a_suspended_employer_has_no_public_page(client, kitchen):
    kitchen.suspended_at = clock.now()
    kitchen.save()
    assert client.get(address("employer", kitchen)).status_code == 404


def test_a_portfolio_is_there_when_its_student_has_switched_it_on(client, amara, hana, kitchen):
    reviewed(amara, hana, kitchen)
    text = words(client.get(address("student", amara)))
    for part in (
        "Amara Okafor",
        "Counts things carefully",
        "Find out which recipes waste the most",
        "Civic Kitchen",
    ):
        assert part in text, part
    assert amara.email not in text
    assert "$" not in text
    amara.student.portfolio_on = False
    amara.student.save()
    assert client.get(address("student", amara)).status_code == 404
    client.force_login(hana)
    assert client.get(address("student", amara)).status_code == 404
    client.force_login(amara)
    assert "Only you see this page" in words(client.get(address("student", amara)))


@pytest.mark.parametrize("change", ["suspended_at", "is_active"])
def test_people_who_are_gone_have_no_portfolio(client, amara, change):
    setattr(amara, change, clock.now() if change == "suspended_at" else False)
    amara.save()
    assert client.get(address("student", amara)).status_code == 404
    assert client.get(address("student", world.person("No student"))).status_code == 404


def test_public_pages_cost_the_same_with_many_rows(client, amara, hana, kitchen):
    engagement = reviewed(amara, hana, kitchen)

    def copy(number):
        for _ in range(number):
            posted = world.project(kitchen)
            offer = engagement.offer.__class__.objects.get(pk=engagement.offer_id)
            offer.pk, offer.public_id = None, type(offer)._meta.get_field("public_id").get_default()
            offer.save()
            new = Engagement.objects.get(pk=engagement.pk)
            new.pk, new.hold, new.project, new.offer = None, None, posted, offer
            new.public_id = Engagement._meta.get_field("public_id").get_default()
            new.save()
            Milestone.objects.create(
                engagement=new,
                order=1,
                title="One",
                price=10,
                fee=1,
                due_at=clock.now(),
                approved_at=clock.now(),
                state="approved",
            )
            Credential.objects.create(engagement=new, student=amara, claims=engagement.credential.claims)
            for side in ("student", "employer"):
                Review.objects.create(
                    engagement=new, side=side, score=4, again=True, text="x", public_at=clock.now()
                )

    def count(page):
        client.get(page)
        with CaptureQueriesContext(connection) as seen:
            assert client.get(page).status_code == 200
        return len(seen)

    pages = [address("employer", kitchen), address("student", amara)]
    copy(10)
    few = [count(page) for page in pages]
    copy(30)
    assert [count(page) for page in pages] == few
    assert max(few) <= 25


# --- the record of completed work ----------------------------------------------------------------------------------
def test_completed_work_leaves_a_record_whose_claims_are_frozen(client, amara, hana, kitchen):
    posted = world.project(kitchen, milestones=2)
    ProjectSkill.objects.create(
        project=posted,
        skill=Skill.objects.create(slug="counting-x", name="Counting", function="data", state="accepted"),
    )
    start = clock.now().date()
    offer = world.hiring.make_offer(
        by=hana, application=world.apply(amara, posted), start_on=start, due_on=start + timedelta(days=20)
    )
    engagement = world.secure(world.hiring.accept_offer(by=amara, offer=offer), hana)
    working.kick_off(by=amara, engagement=engagement)
    for milestone in world.milestones(engagement):
        world.hand_in(amara, milestone)
        working.approve_milestone(by=hana, milestone=milestone)
    credential = Credential.objects.get()
    found = credential.claims
    assert (found["title"], found["organisation"], found["hours"]) == (
        "Find out which recipes waste the most",
        "Civic Kitchen",
        "8",
    )
    assert (found["started_on"], found["ended_on"], found["skills"]) == (
        "2027-03-01",
        "2027-03-01",
        ["Counting"],
    )
    assert [m["title"] for m in found["milestones"]] == ["Step 1", "Step 2"]
    assert not {"price", "net", "fee"} & set(found)
    posted.title, kitchen.name = "Renamed", "Renamed Kitchen"
    posted.save()
    kitchen.save()
    text = words(client.get(address("record", credential)))
    assert "Renamed" not in text
    assert "$" not in text.split("<main")[1].split("<footer")[0]
    assert Notification.objects.get(user=amara, kind="record").title == "Your record is ready"


@pytest.mark.parametrize(
    ("right", "shows", "hides"),
    [
        ("full", ["Civic Kitchen", "Audit the bins of Civic Kitchen", "Step 1"], []),
        ("anonymised", ["Audit the bins of the organisation", "Step 1", "in food"], ["Civic Kitchen"]),
        ("none", ["Civic Kitchen", "A project in data", "4 hours"], ["Audit the bins", "Step 1"]),
    ],
)
def test_a_record_shows_no_more_than_the_agreement_allows(client, amara, hana, kitchen, right, shows, hides):
    made = reviewed(amara, hana, kitchen, show_right=right, title="Audit the bins of Civic Kitchen")
    text = words(client.get(address("record", made.credential)))
    for part in shows:
        assert part in text, part
    for part in hides:
        assert part not in text, part
    portfolio = words(client.get(address("student", amara)))
    for part in hides:
        assert part not in portfolio, part


def test_the_name_of_the_employer_is_taken_out_however_it_is_written():
    assert (
        claims.without_name("CIVIC KITCHEN and Civic Kitchen's bins", "Civic Kitchen")
        == "the organisation and the organisation's bins"
    )
    assert claims.without_name("Nothing here", "") == "Nothing here"
    assert claims.without_name("Work for the organisation", "the organisation") == "Work for the organisation"


def test_a_cancelled_engagement_leaves_no_record(amara, hana, kitchen):
    engagement = world.active(amara, hana, kitchen)
    working.cancel_engagement(by=amara, engagement=engagement)
    assert actions.issue_credential(world.again(engagement)) is None
    assert not Credential.objects.exists()


def test_the_record_is_made_once(engagement):
    assert actions.issue_credential(engagement) == Credential.objects.get()


def test_students_choose_what_stands_on_their_portfolio(client, engagement, amara, hana):
    credential = engagement.credential
    page, record = address("student", amara), address("record", credential)
    for user, status in ((hana, 403), (world.student("Bo"), 403)):
        client.force_login(user)
        assert client.post(address("show", credential), {"show": "no"}).status_code == status
    client.force_login(amara)
    client.post(address("show", credential), {"show": "no"})
    assert engagement.title not in words(client.get(page)).split("<main")[1]
    assert client.get(record).status_code == 200
    client.post(address("show", credential), {"show": "yes"})
    assert engagement.title in words(client.get(page))


def test_a_record_that_was_taken_back_says_so_and_nothing_else(client, engagement, amara):
    Credential.objects.update(revoked_at=clock.now())
    response = client.get(address("record", engagement.credential))
    assert response.status_code == 410
    assert "This record was taken back" in words(response)
    assert "Civic Kitchen" not in words(response)
    client.force_login(amara)
    assert client.post(address("show", engagement.credential), {"show": "yes"}).status_code == 409


# --- a person's data ------------------------------------------------------------------------------------------------
def test_what_somebody_wrote_and_was_given_is_in_their_export(engagement, amara, hana):
    from accounts.users import export
    from projects.talking.actions import post_message

    post_message(by=amara, engagement=engagement, text="Thank you")
    write(amara, engagement)
    write(hana, engagement, text="Careful work")
    found = export.everything(amara)
    assert [row["text"] for row in found["thread"]] == ["Thank you"]
    assert [row["text"] for row in found["reviews"]["about_you"]] == ["Careful work"]
    assert found["reviews"]["records"][0]["claims"]["name"] == "Amara Okafor"
    assert found["work"][0]["handed_in"][0]["note"] == "Here it is."
    assert export.everything(hana)["work"] == []


def test_erasure_waits_for_live_work_and_then_takes_what_names_a_person(engagement, amara, hana, kitchen):
    from accounts.users import erasure
    from projects.talking.actions import post_message
    from projects.talking.models import Message

    boss = world.person("Other boss")
    going_on = world.active(amara, boss, world.organisation(boss, name="Elsewhere"))
    assert "project going on" in erasure.reason_against(amara)
    assert "nobody else to look after it" in erasure.reason_against(boss)
    working.cancel_engagement(by=amara, engagement=going_on)
    assert erasure.reason_against(amara) is None
    post_message(by=amara, engagement=engagement, text="My number is 555")
    write(amara, engagement, text="Kind people")
    write(hana, engagement, text="Amara is careful")
    erasure.scrub(amara)
    assert "555" not in Message.objects.get().text
    assert not Credential.objects.exists()
    assert {review.side: (review.text, review.author) for review in Review.objects.all()} == {
        "student": ("Kind people", None),
        "employer": ("", hana),
    }
