"""A dispute between the two parties: opened, answered, agreed, decided, appealed; its clocks and its money."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.notifications.models import Mail, Notification
from marketplace.ground import clock
from marketplace.ground.errors import Invalid, NotAllowed, WrongMoment
from marketplace.ground.models import StateChange
from payments.holds import actions as money
from payments.holds.models import Refund, Release
from payments.ledger.queries import balances
from projects.disputing import actions, queries, tasks
from projects.disputing.models import Dispute, Statement, StatementFile
from projects.hiring.models import Engagement
from projects.posting import queries as posting
from projects.reviewing.models import Credential
from projects.working import actions as working
from projects.working import due, story
from projects.working import queries as work
from projects.working import tasks as work_tasks
from projects.working.models import Cancellation

from . import engagements as world

pytestmark = pytest.mark.django_db
WHY = "Two of the three done-when lines are missing."


@pytest.fixture(autouse=True)
def monday():
    world.go_to("2027-03-01 10:00")


@pytest.fixture
def amara():
    return world.student("Amara Okafor")


@pytest.fixture
def hana():
    return world.person("Hana Reyes")


@pytest.fixture
def kitchen(hana):
    return world.organisation(hana)


@pytest.fixture
def mo():
    return world.person("Mo Deshmukh", is_staff=True)


@pytest.fixture
def nora():
    return world.person("Nora Lind", is_staff=True)


@pytest.fixture
def engagement(amara, hana, kitchen):
    return world.active(amara, hana, kitchen)  # three milestones of 100.00, each 90.00 net


@pytest.fixture
def steps(engagement):
    return world.milestones(engagement)


@pytest.fixture
def handed_in(amara, steps):
    world.hand_in(amara, steps[0])
    return world.again(steps[0])


def opened(by, milestone, amount=3_000, **more) -> Dispute:
    return actions.open_dispute(by=by, milestone=milestone, amount=amount, text=WHY, **more)


def answered(by, dispute, amount=7_000) -> Dispute:
    return actions.answer_dispute(by=by, dispute=dispute, amount=amount, text="All three lines are done.")


def with_moderator(dispute) -> Dispute:
    clock.advance(timedelta(days=5))
    tasks.disputes_clock()
    return world.again(dispute)


def decided(by, dispute, amount=5_000) -> Dispute:
    return actions.decide(by=by, dispute=world.again(dispute), amount=amount, text="Half of it was done.")


def told(user, *kinds: str) -> list[str]:
    rows = Notification.objects.filter(
        user=user, kind__in=kinds or ("dispute", "dispute_yours", "dispute_desk")
    )
    return list(rows.order_by("pk").values_list("title", flat=True))


def moved() -> tuple[list, list]:
    """What left the holds: (net, fee) of each release, and each refund."""
    return (
        list(Release.objects.order_by("pk").values_list("net", "fee")),
        list(Refund.objects.order_by("pk").values_list("amount", flat=True)),
    )


def near(at):
    """The clock of the house runs on while a test does."""
    return pytest.approx(at, abs=timedelta(seconds=30))


def state_of(milestone) -> str:
    return world.again(milestone).state


# --- opening -------------------------------------------------------------------------------------------------
def test_the_employer_opens_one_and_every_clock_stops(engagement, handed_in, hana, amara):
    dispute = opened(hana, handed_in)
    engagement = world.again(engagement)
    assert engagement.disputed_at == dispute.opened_at
    assert (dispute.state, dispute.side, dispute.asked) == ("opened", "employer", 3_000)
    clock.advance(timedelta(days=3))
    work_tasks.review_clock()
    work_tasks.reminders()
    clock.advance(timedelta(days=100))
    work_tasks.review_clock()
    work_tasks.kickoff_clock()  # ends what was held too long
    assert (state_of(handed_in), world.again(engagement).state) == ("submitted", "active")
    assert moved() == ([], [])
    assert not Notification.objects.filter(kind__in=("review_ending", "milestone_due")).exists()


def test_both_sides_are_told_and_the_other_has_four_days_but_not_in_the_night(handed_in, hana, amara):
    dispute = opened(hana, handed_in)
    assert dispute.answer_by == near(world.at("2027-03-05 10:00"))
    assert told(amara, "dispute_yours") == ["Civic Kitchen opened a dispute about “Step 1”"]
    assert told(hana, "dispute") == ["The dispute about “Step 1” is open"]
    assert WHY in Mail.objects.get(user=amara, kind="dispute_yours").text
    actions.withdraw_dispute(by=hana, dispute=dispute)
    world.go_to("2027-03-01 23:30")
    assert opened(amara, world.again(handed_in)).answer_by == world.at("2027-03-06 07:00")


def test_the_student_opens_one_with_files_that_only_the_parties_see(handed_in, amara, hana, mo):
    proof = SimpleUploadedFile("notes.txt", b"What we agreed on Tuesday")
    dispute = opened(amara, handed_in, 9_000, files=[proof])
    file = StatementFile.objects.get(statement__dispute=dispute)
    assert (file.name, file.size) == ("notes.txt", 25)
    stranger = world.student("Bo Stranger")
    for user, sees in ((amara, 1), (hana, 1), (mo, 1), (stranger, 0)):
        assert queries.visible_to(user).count() == queries.files_visible_to(user).count() == sees


def test_a_file_that_is_refused_leaves_nothing_behind(handed_in, amara):
    with pytest.raises(Invalid) as caught:
        opened(amara, handed_in, files=[SimpleUploadedFile("run.exe", b"MZ")])
    assert "files" in caught.value.message_dict
    assert not Dispute.objects.exists()
    assert world.again(handed_in.engagement).disputed_at is None


@pytest.mark.parametrize(
    ("amount", "text", "field"),
    [
        (-1, WHY, "amount"),
        (9_001, WHY, "amount"),
        (None, WHY, "amount"),
        (True, WHY, "amount"),
        (5, " ", "text"),
    ],
)
def test_an_amount_is_from_nothing_to_the_whole_pay_and_has_a_why(handed_in, hana, amount, text, field):
    with pytest.raises(Invalid) as caught:
        actions.open_dispute(by=hana, milestone=handed_in, amount=amount, text=text)
    assert list(caught.value.message_dict) == [field]


def test_who_may_open_one_and_when(engagement, steps, handed_in, amara, hana, kitchen, mo):
    for by in (mo, world.student("Bo Stranger")):
        with pytest.raises(NotAllowed):
            opened(by, handed_in)
    with pytest.raises(WrongMoment, match="has not begun"):
        opened(amara, steps[2])
    dispute = opened(amara, steps[1])  # which began when the first was handed in
    with pytest.raises(WrongMoment, match="has to end before another"):
        opened(hana, handed_in)
    actions.withdraw_dispute(by=amara, dispute=dispute)
    with pytest.raises(WrongMoment, match="Each side can open one"):
        opened(amara, world.again(steps[1]))
    working.approve_milestone(by=hana, milestone=world.again(handed_in))
    with pytest.raises(WrongMoment, match="moved already"):
        opened(hana, world.again(handed_in))


def test_nothing_is_disputed_while_the_money_is_stopped_or_the_project_is_being_ended(
    engagement, handed_in, hana, amara
):
    money.freeze(by=None, hold=engagement.hold, why="A bank asks.", cause="dispute:1")
    with pytest.raises(WrongMoment, match="questioned at the bank"):
        opened(hana, world.again(handed_in))
    money.unfreeze(by=None, hold=engagement.hold, cause="dispute:1")
    working.cancel_engagement(by=hana, engagement=world.again(engagement))
    with pytest.raises(WrongMoment, match="being ended"):
        opened(amara, world.again(handed_in))


def test_while_it_is_open_nobody_approves_asks_for_changes_hands_in_or_cancels(steps, handed_in, hana, amara):
    opened(hana, handed_in)
    step, other = world.again(handed_in), world.again(steps[1])
    for act in (
        lambda: working.approve_milestone(by=hana, milestone=step),
        lambda: working.request_changes(by=hana, milestone=step, points=["More"]),
        lambda: working.submit_work(by=amara, milestone=other, note="x", ai_note="none"),
        lambda: working.cancel_engagement(by=amara, engagement=step.engagement),
    ):
        with pytest.raises(WrongMoment, match="stands still"):
            act()


def test_a_moderator_does_not_go_around_it_in_the_money_admin(handed_in, hana, mo):
    opened(hana, handed_in)
    hold = handed_in.engagement.hold
    for act in (
        lambda: money.decide_refund(by=mo, hold=hold, reason="Enough"),
        lambda: money.decide_release(by=mo, hold=hold, part=hold.parts.first(), reason="Enough"),
    ):
        with pytest.raises(WrongMoment, match="on its own page"):
            act()
    assert moved() == ([], [])


# --- agreeing ------------------------------------------------------------------------------------------------
def test_the_other_side_accepts_and_the_money_is_divided_at_once(engagement, steps, handed_in, hana, amara):
    dispute = opened(hana, handed_in, 3_000)
    actions.accept_amount(by=amara, dispute=dispute, amount=3_000)
    dispute = world.again(dispute)
    assert (dispute.state, dispute.how, dispute.pays) == ("settled", "agreed", 3_000)
    # the fee is taken on the student's third only: 3.33 of 10.00; the rest of the 100.00 goes back
    assert moved() == ([(3_000, 333)], [6_667])
    assert [state_of(m) for m in steps] == ["cancelled", "in_progress", "planned"]
    assert world.again(engagement).disputed_at is None
    assert told(amara, "dispute") == told(hana, "dispute")[-1:] == ["The dispute about “Step 1” is settled"]


def test_the_whole_pay_is_an_approval(steps, handed_in, hana, amara):
    dispute = opened(amara, handed_in, 9_000)
    actions.accept_amount(by=hana, dispute=dispute, amount=9_000)
    assert moved() == ([(9_000, 1_000)], [])
    step = world.again(handed_in)
    assert (step.state, step.approved_at is not None, step.approved_by_silence) == ("approved", True, False)


def test_nothing_for_the_student_sends_everything_back_with_the_fee(handed_in, hana, amara):
    dispute = opened(hana, handed_in, 0)
    actions.accept_amount(by=amara, dispute=dispute, amount=0)
    assert moved() == ([], [10_000])
    assert state_of(handed_in) == "cancelled"


def test_two_amounts_and_the_first_side_takes_the_second(handed_in, hana, amara):
    dispute = answered(amara, opened(hana, handed_in, 3_000), 7_000)
    assert (dispute.state, dispute.offered) == ("answered", 7_000)
    assert told(hana, "dispute_yours") == ["Amara names $70.00 in the dispute"]
    with pytest.raises(NotAllowed):
        answered(hana, dispute)
    with pytest.raises(WrongMoment, match="You have answered"):
        answered(amara, dispute)
    with pytest.raises(WrongMoment, match="amount has changed"):
        actions.accept_amount(by=hana, dispute=dispute, amount=6_999)
    actions.accept_amount(by=hana, dispute=dispute, amount=7_000)
    assert moved() == ([(7_000, 778)], [2_222])


def test_naming_the_same_amount_settles_it(handed_in, hana, amara):
    dispute = answered(amara, opened(hana, handed_in, 4_500), 4_500)
    assert (dispute.state, dispute.pays) == ("settled", 4_500)
    assert moved() == ([(4_500, 500)], [5_000])


def test_a_late_answer_leaves_the_first_side_a_day_to_look_at_it(handed_in, hana, amara):
    dispute = opened(hana, handed_in)
    clock.advance(timedelta(days=3, hours=22))
    dispute = answered(amara, dispute)
    assert dispute.agree_by == near(world.at("2027-03-06 08:00"))
    clock.advance(timedelta(hours=12))
    tasks.disputes_clock()
    assert world.again(dispute).state == "answered"


def test_a_withdrawal_lets_everything_go_on_with_the_time_added(engagement, steps, handed_in, hana, amara):
    ends, dates = handed_in.review_ends_at, [m.due_at for m in world.milestones(engagement)]
    limit = engagement.hold.limit_at
    dispute = opened(hana, handed_in)
    clock.advance(timedelta(days=1, hours=23))
    with pytest.raises(NotAllowed):
        actions.withdraw_dispute(by=amara, dispute=dispute)
    actions.withdraw_dispute(by=hana, dispute=dispute)
    with pytest.raises(WrongMoment):
        actions.withdraw_dispute(by=hana, dispute=dispute)
    step, engagement = world.again(handed_in), world.again(engagement)
    assert (step.state, engagement.disputed_at) == ("submitted", None)
    assert step.review_ends_at == near(ends + timedelta(days=1, hours=23))
    assert engagement.hold.limit_at == near(limit + timedelta(days=1, hours=23))
    later = [m.due_at for m in world.milestones(engagement)][1:]  # by whole days, rounded up
    assert later == [at + timedelta(days=2) for at in dates[1:]]
    assert not work.ever_disputed(engagement)
    working.approve_milestone(by=hana, milestone=step)  # the days of the dispute are not added once more
    assert [m.due_at for m in world.milestones(engagement)][1:] == later


def test_the_time_is_given_back_once_when_the_bank_stopped_the_money_meanwhile(engagement, handed_in, hana):
    ends = handed_in.review_ends_at
    dispute = opened(hana, handed_in)
    clock.advance(timedelta(days=1))
    money.freeze(by=None, hold=engagement.hold, why="A bank asks.", cause="dispute:1")
    clock.advance(timedelta(days=1))
    money.unfreeze(by=None, hold=engagement.hold, cause="dispute:1")
    clock.advance(timedelta(days=1))
    money.freeze(by=None, hold=engagement.hold, why="It asks again.", cause="dispute:2")
    clock.advance(timedelta(days=1))
    actions.withdraw_dispute(by=hana, dispute=dispute)
    clock.advance(timedelta(days=1))
    money.unfreeze(by=None, hold=engagement.hold, cause="dispute:2")
    got = world.again(handed_in).review_ends_at - ends
    assert got == near(timedelta(days=5))


def test_what_the_bank_has_stopped_cannot_be_settled_until_it_goes_on(handed_in, hana, amara):
    hold, dispute = handed_in.engagement.hold, opened(hana, handed_in)
    money.freeze(by=None, hold=hold, why="A bank asks.", cause="dispute:1")
    with pytest.raises(WrongMoment, match="questioned at the bank"):
        actions.accept_amount(by=amara, dispute=dispute, amount=3_000)
    with pytest.raises(WrongMoment, match="questioned at the bank"):
        answered(amara, dispute, 3_000)
    assert Statement.objects.count() == 1
    money.unfreeze(by=None, hold=hold, cause="dispute:1")
    actions.accept_amount(by=amara, dispute=dispute, amount=3_000)
    assert world.again(dispute).state == "settled"


# --- a moderator ----------------------------------------------------------------------------------------------
def test_silence_goes_to_a_moderator_once_who_has_five_business_days(handed_in, hana, amara, mo):
    dispute = opened(hana, handed_in)
    world.go_to("2027-03-05 09:59")
    tasks.disputes_clock()
    assert world.again(dispute).state == "opened"
    world.go_to("2027-03-05 10:01")
    tasks.disputes_clock()
    tasks.disputes_clock()
    dispute = world.again(dispute)
    assert (dispute.state, dispute.decide_by.date().isoformat()) == ("deciding", "2027-03-12")
    assert told(mo) == ["Decide the dispute about “Find out which recipes waste the most”"]
    assert told(amara, "dispute") == told(hana, "dispute")[1:] == ["A moderator decides about “Step 1”"]
    with pytest.raises(WrongMoment):
        answered(amara, dispute)
    actions.accept_amount(by=amara, dispute=dispute, amount=3_000)  # the two may still agree
    assert world.again(dispute).how == "agreed"


def test_a_decision_waits_for_an_appeal_and_then_moves_the_money(handed_in, hana, amara, mo):
    dispute = decided(mo, with_moderator(answered(amara, opened(hana, handed_in))))
    assert (dispute.state, dispute.decided, dispute.decided_by) == ("decided", 5_000, mo)
    assert dispute.appeal_until == near(world.at("2027-03-10 10:00"))
    assert moved() == ([], [])
    for user, mine in ((amara, "you"), (hana, "Amara")):
        assert f"A moderator decided: $50.00 for {mine}" in told(user, "dispute_yours")
    assert "Half of it was done." in Mail.objects.filter(user=hana, kind="dispute_yours").latest("pk").text
    with pytest.raises(WrongMoment):
        actions.withdraw_dispute(by=hana, dispute=dispute)
    tasks.disputes_clock()
    assert world.again(dispute).state == "decided"
    clock.advance(timedelta(days=4, minutes=1))
    tasks.disputes_clock()
    tasks.disputes_clock()
    dispute = world.again(dispute)
    assert (dispute.state, dispute.how, dispute.pays) == ("settled", "decided", 5_000)
    assert moved() == ([(5_000, 556)], [4_444])


def test_both_accept_and_nothing_is_waited_for(handed_in, hana, amara, mo):
    dispute = decided(mo, with_moderator(opened(hana, handed_in)))
    actions.accept_decision(by=amara, dispute=dispute)
    assert moved() == ([], [])
    assert told(hana, "dispute")[-1] == "Amara accepts the decision"
    with pytest.raises(WrongMoment, match="You have accepted"):
        actions.appeal(by=amara, dispute=dispute, text="I changed my mind")
    actions.accept_decision(by=hana, dispute=dispute)
    assert world.again(dispute).state == "settled"
    assert moved() == ([(5_000, 556)], [4_444])


def test_an_appeal_is_heard_once_and_by_somebody_else(handed_in, hana, amara, mo, nora):
    dispute = decided(mo, with_moderator(opened(hana, handed_in)))
    dispute = actions.appeal(by=amara, dispute=dispute, text="The second line was done, too.")
    assert (dispute.state, dispute.appealed_by) == ("appealed", "student")
    assert told(nora, "dispute_desk")[-1].startswith("Hear the appeal")
    assert not any("appeal" in title for title in told(mo, "dispute_desk"))
    with pytest.raises(WrongMoment):
        actions.appeal(by=hana, dispute=dispute, text="Me, too")
    with pytest.raises(WrongMoment, match="You decided first"):
        decided(mo, dispute)
    clock.advance(timedelta(days=30))
    tasks.disputes_clock()
    assert moved() == ([], [])  # however late, only a moderator ends it
    dispute = decided(nora, dispute, 8_000)
    assert (dispute.state, dispute.how, dispute.pays, dispute.decided) == (
        "settled",
        "appealed",
        8_000,
        5_000,
    )
    assert moved() == ([(8_000, 889)], [1_111])
    assert [s.kind for s in dispute.statements.all()] == ["opening", "decision", "appeal", "final"]


def test_who_decides(handed_in, hana, amara, mo, kitchen):
    dispute = opened(hana, handed_in)
    with pytest.raises(WrongMoment, match="Nothing is to be decided"):
        decided(mo, dispute)
    dispute = with_moderator(dispute)
    for by in (hana, amara, world.person("Somebody")):
        with pytest.raises(NotAllowed):
            decided(by, dispute)
    amara.is_staff = True
    amara.save()
    with pytest.raises(WrongMoment, match="one of the two sides"):
        decided(amara, dispute)
    for amount, text in ((9_001, "x"), (-1, "x"), (5, "")):
        with pytest.raises(Invalid):
            actions.decide(by=mo, dispute=dispute, amount=amount, text=text)


def test_half_way_is_suggested(handed_in, hana, amara):
    dispute = opened(hana, handed_in, 3_000)
    assert queries.suggested(dispute) == 3_000
    assert queries.suggested(answered(amara, dispute, 7_001)) == 5_000


def test_a_decision_waits_for_the_bank_and_goes_when_it_goes(handed_in, hana, amara, mo):
    hold = handed_in.engagement.hold
    dispute = decided(mo, with_moderator(opened(hana, handed_in)))
    money.freeze(by=None, hold=hold, why="A bank asks.", cause="dispute:1")
    actions.accept_decision(by=amara, dispute=dispute)
    actions.accept_decision(by=hana, dispute=dispute)
    clock.advance(timedelta(days=9))
    tasks.disputes_clock()
    assert (world.again(dispute).state, moved()) == ("decided", ([], []))
    money.unfreeze(by=None, hold=hold, cause="dispute:1")
    tasks.disputes_clock()
    assert (world.again(dispute).state, moved()) == ("settled", ([(5_000, 556)], [4_444]))


def test_the_project_ends_under_it_when_the_bank_takes_the_payment(engagement, handed_in, hana, amara):
    dispute = opened(hana, handed_in)
    money.refund_rest(by=None, hold=engagement.hold, reason="The bank took it")
    working.end_unpaid(engagement=engagement, why="The bank took the payment back.")
    dispute, engagement = world.again(dispute), world.again(engagement)
    assert (dispute.state, engagement.state, engagement.disputed_at) == ("overtaken", "cancelled", None)
    assert told(amara, "dispute") == ["The dispute about “Step 1” ended with the project"]


# --- reminders ---------------------------------------------------------------------------------------------------
def test_everybody_is_reminded_once_and_an_overdue_decision_every_day(handed_in, hana, amara, mo):
    dispute = opened(hana, handed_in)
    tasks.reminders()
    assert told(amara, "dispute_yours") == ["Civic Kitchen opened a dispute about “Step 1”"]
    world.go_to("2027-03-04 11:00")
    tasks.reminders()
    tasks.reminders()
    assert told(amara, "dispute_yours")[1:] == ["The dispute about “Step 1” waits for you"]
    dispute = with_moderator(dispute)
    Notification.objects.filter(user=mo).delete()
    tasks.reminders()
    assert told(mo) == []
    for day in ("2027-03-15 15:00", "2027-03-17 11:00", "2027-03-17 15:00", "2027-03-18 11:00"):
        world.go_to(day)
        tasks.reminders()
    assert [title.split(":")[0] for title in told(mo)] == ["Soon due", "Overdue", "Overdue"]


def test_whoever_has_not_accepted_is_reminded_once_before_the_time_to_appeal_ends(handed_in, hana, amara, mo):
    dispute = decided(mo, with_moderator(opened(hana, handed_in)))
    actions.accept_decision(by=hana, dispute=dispute)
    before = told(amara), told(hana)
    tasks.reminders()
    assert (told(amara), told(hana)) == before
    clock.advance(dispute.appeal_until - clock.now() - timedelta(hours=5))
    tasks.reminders()
    tasks.reminders()
    assert told(amara)[len(before[0]) :] == ["The time to appeal ends soon: $50.00 for you"]
    assert told(hana) == before[1]


# --- how the engagement ends -----------------------------------------------------------------------------------------
def test_the_last_milestone_settled_completes_what_was_approved_before(
    engagement, steps, hana, amara, kitchen
):
    for step in steps[:2]:
        world.hand_in(amara, step)
        working.approve_milestone(by=hana, milestone=world.again(step))
    dispute = opened(hana, world.again(steps[2]), 4_500)
    actions.accept_amount(by=amara, dispute=dispute, amount=4_500)
    engagement = world.again(engagement)
    assert (engagement.state, engagement.end_reason) == ("completed", "done")
    assert Credential.objects.get().claims["milestone_count"] == 2
    assert work.ever_disputed(engagement)  # so that it does not count as a clean one
    assert moved() == ([(9_000, 1_000), (9_000, 1_000), (4_500, 500)], [5_000])


def test_a_disputed_first_engagement_does_not_prove_an_employer(amara, hana):
    fresh = world.organisation(hana, name="New Kitchen", proven=False)
    engagement = world.active(amara, hana, fresh, milestones=1)
    step = world.milestones(engagement)[0]
    world.hand_in(amara, step)
    dispute = opened(amara, world.again(step), step.net)
    actions.accept_amount(by=hana, dispute=dispute, amount=step.net)
    assert world.again(engagement).state == "completed"
    assert world.again(fresh).proven_at is None
    assert not posting._is_trusted(fresh)


def test_nothing_approved_ends_it_as_cancelled_with_what_was_paid(amara, hana, kitchen):
    engagement = world.active(amara, hana, kitchen, milestones=1)
    step = world.milestones(engagement)[0]
    dispute = opened(hana, step, step.net // 2)
    actions.accept_amount(by=amara, dispute=dispute, amount=step.net // 2)
    engagement = world.again(engagement)
    ended = Cancellation.objects.get()
    assert (engagement.state, engagement.end_reason, ended.side) == ("cancelled", "dispute", "dispute")
    assert (ended.pays, ended.refunds) == (13_500, 15_000)
    assert engagement.review_until is not None
    assert not Credential.objects.exists()


def test_the_books_add_up_whatever_was_decided(engagement, handed_in, hana, amara, mo):
    hold = engagement.hold
    part = hold.parts.get(ref=handed_in.part_ref)
    dispute = decided(mo, with_moderator(answered(amara, opened(hana, handed_in, 1), 8_999)), 4_321)
    clock.advance(timedelta(days=5))
    tasks.disputes_clock()
    assert world.again(dispute).state == "settled"
    assert balances([part.account])[part.account] == 0
    released, refund = Release.objects.get(), Refund.objects.get()
    assert released.gross + refund.amount == handed_in.price
    figures = world.again(hold).figures()
    assert figures["secured"] == figures["held"] + figures["releasing"] + figures["refunding"]


# --- the story ---------------------------------------------------------------------------------------------------------
def test_both_sides_read_what_happens_next_and_by_when(handed_in, engagement, hana, amara, mo):
    def steps():
        row = work.mine(amara, live=True).get()
        return [
            (one.who, one.text.split(" about")[0], one.at)
            for one in (story.next_step(row, "student"), story.next_step(row, "employer"))
        ]

    dispute = opened(hana, handed_in)
    assert steps() == [
        ("you", "Answer the dispute", dispute.answer_by),
        ("them", "Answer the dispute", dispute.answer_by),
    ]
    dispute = answered(amara, dispute)
    assert [who for who, _, _ in steps()] == ["them", "you"]
    dispute = with_moderator(dispute)
    assert steps() == [("moderator", "A moderator decides the dispute", dispute.decide_by)] * 2
    dispute = decided(mo, dispute)
    assert [who for who, _, _ in steps()] == ["you", "you"]
    actions.accept_decision(by=amara, dispute=dispute)
    assert [who for who, _, _ in steps()] == ["them", "you"]
    said = [change.said for change in story.history(work.whole(amara).get())]
    assert "A dispute was opened, and every date stands still" in said


def test_every_move_is_kept_and_the_flag_is_set_once(engagement, handed_in, hana, amara):
    dispute = opened(hana, handed_in)
    actions.accept_amount(by=amara, dispute=dispute, amount=3_000)
    assert [c.to_state for c in StateChange.of(dispute)] == ["opened", "settled"]
    flags = [c.to_state for c in StateChange.of(engagement) if "disput" in c.to_state]
    assert flags == ["disputed", "dispute_over"]
    assert Engagement.objects.filter(disputed_at=None).count() == 1
    assert due.running().count() == 1
