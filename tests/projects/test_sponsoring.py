"""A sponsor's programmes, the draws of projects on them, and the engagements that they pay for."""

import threading
from datetime import timedelta
from decimal import Decimal

import pytest
import stripe
from django.db import connection
from hypothesis import given as with_any
from hypothesis import strategies as some

from accounts.notifications.models import Notification
from marketplace.ground import clock, money
from marketplace.ground.errors import Invalid, NotAllowed, WrongMoment
from payments.holds.actions import releasing
from payments.holds.models import Refund, Release
from payments.holds.queries import division, parts_for
from payments.ledger.queries import balance, trial_balance
from payments.wallets import actions as wallet_actions
from payments.wallets import queries as wallets
from projects.disputing import actions as disputing
from projects.hiring import actions as hiring
from projects.posting import queries as posting
from projects.sponsoring import actions, queries, tasks
from projects.sponsoring.models import Draw
from projects.sponsoring.rules import share_out
from projects.working import actions as working

from . import engagements as work
from . import people, postings, sponsors

pytestmark = pytest.mark.django_db


class Scene:
    """A school with money, an employer with a project of 300.00 (net 270.00), and a student of the school."""

    def __init__(self, *, amounts=(1_000_000,), project=None, **rules):
        self.school = sponsors.school()
        self.ruth = sponsors.coordinator(self.school)
        self.wallet = sponsors.wallet(self.ruth, self.school, *amounts)
        self.programme = sponsors.programme(self.ruth, self.wallet, **{"schools": [self.school], **rules})
        self.ines = postings.person("Ines Halden")
        self.halden = postings.organisation(self.ines)
        self.project = work.project(self.halden, **(project or {}))
        self.amara = self.student()

    def student(self, name="Amara Okafor"):
        who = people.student(name)
        sponsors.enrol(who, self.school)
        return who

    def asked(self, project=None):
        return actions.ask_sponsorship(
            by=self.ines, project=project or self.project, programme=self.programme, note="Please."
        )

    def approved(self, project=None):
        return actions.approve_draw(by=self.ruth, draw=self.asked(project))

    def offer(self, student=None, project=None):
        posted = project or self.project
        start = posting.today(posted)
        application = work.apply(student or self.amara, posted)
        return hiring.make_offer(
            by=self.ines, application=application, start_on=start, due_on=start + timedelta(days=30)
        )

    def hired(self, student=None, project=None):
        offer = self.offer(student, project)
        return hiring.accept_offer(by=offer.application.student, offer=offer)

    def pool(self):
        return wallets.pool(self.wallet)


def told(person) -> list[str]:
    return list(Notification.objects.filter(user=person).order_by("pk").values_list("title", flat=True))


# --- the shares -------------------------------------------------------------------------------------------
@with_any(
    some.lists(some.tuples(some.integers(2, 900_000), some.integers(0, 2_000)), min_size=1, max_size=6),
    some.integers(0, 10_000),
)
def test_shares_add_up_to_the_cent_whatever_they_are(rows, share_bp):
    rows = [(price - money.fee(price, rate), money.fee(price, rate)) for price, rate in rows]
    net, fee = sum(net for net, _ in rows), sum(fee for _, fee in rows)
    amount = net * share_bp // 10_000
    shared = share_out(rows, amount, "USD")

    assert sum(one.sponsored for one in shared) == amount
    for (own_net, _), one in zip(rows, shared, strict=True):
        assert one.price - one.fee == own_net, "the student's net never changes"
        assert 0 <= one.sponsored <= own_net
        assert one.fee >= 0
        assert one.fee == 0 or one.price - one.sponsored > one.fee
    due = sum(one.fee for one in shared)
    assert due <= fee
    assert abs(due * net - fee * (net - amount)) <= net, "the fee in proportion to the rest"


# --- asking and answering ---------------------------------------------------------------------------------
def test_a_request_is_read_by_the_school_and_answered_with_an_amount_set_aside():
    scene = Scene()
    draw = scene.asked()
    assert (draw.state, queries.free(scene.wallet)) == ("asked", 1_000_000)
    assert any("asks you to sponsor" in title for title in told(scene.ruth))

    draw = actions.approve_draw(by=scene.ruth, draw=draw)
    assert (draw.state, draw.promised) == ("approved", 16_200)  # 60 % of 270.00
    assert (scene.pool(), queries.free(scene.wallet)) == (1_000_000, 983_800)
    assert any("sponsors" in title for title in told(scene.ines))
    with pytest.raises(WrongMoment):
        actions.decline_draw(by=scene.ruth, draw=draw, reason="Too late")


def test_a_request_is_declined_with_a_reason_and_another_may_follow():
    scene = Scene()
    draw = scene.asked()
    with pytest.raises(Invalid):
        actions.decline_draw(by=scene.ruth, draw=draw, reason=" ")
    draw = actions.decline_draw(by=scene.ruth, draw=draw, reason="Not this term.")
    assert draw.answer == "Not this term."
    assert scene.asked().state == "asked"


def test_only_one_request_at_a_time():
    scene = Scene()
    scene.asked()
    with pytest.raises(WrongMoment, match="has been asked for"):
        scene.asked()


def test_a_programme_may_answer_by_its_rules_at_once():
    scene = Scene(approval="rules")
    assert scene.asked().state == "approved"


@pytest.mark.parametrize(
    ("rules", "word"),
    [
        ({"functions": ["design"]}, "design"),
        ({"verified_only": True}, "verified employers"),
        ({"small_only": True}, "at most 50"),
        ({"hours_min": Decimal(20), "hours_max": Decimal(40)}, "20 to 40 hours"),
        ({"hourly_min": 9_000}, "at least"),
    ],
)
def test_a_project_that_does_not_fit_is_told_why(rules, word):
    scene = Scene(**rules)
    with pytest.raises(Invalid, match=word):
        scene.asked()


def test_nobody_else_asks_or_answers():
    scene = Scene()
    with pytest.raises(NotAllowed):
        actions.ask_sponsorship(by=scene.ruth, project=scene.project, programme=scene.programme)
    draw = scene.asked()
    for person in (scene.ines, scene.amara, postings.moderator()):
        with pytest.raises(NotAllowed):
            actions.approve_draw(by=person, draw=draw)
    assert not queries.visible_to(scene.amara).exists()
    assert queries.visible_to(scene.ines).get() == queries.visible_to(scene.ruth).get() == draw


def test_the_budget_and_what_is_free_bound_every_promise():
    scene = Scene(budget=20_000)
    assert scene.approved().promised == 16_200
    other = work.project(scene.halden)
    assert scene.approved(other).promised == 3_800
    third = work.project(scene.halden)
    draw = scene.asked(third)
    with pytest.raises(WrongMoment, match="Nothing is free"):
        actions.approve_draw(by=scene.ruth, draw=draw)


def test_a_paused_programme_and_a_frozen_wallet_give_nothing():
    scene = Scene()
    draw = scene.asked()
    actions.pause_programme(by=scene.ruth, programme=scene.programme)
    with pytest.raises(WrongMoment, match="is paused"):
        actions.approve_draw(by=scene.ruth, draw=Draw.objects.get(pk=draw.pk))
    scene.programme.refresh_from_db()
    actions.resume_programme(by=scene.ruth, programme=scene.programme)
    wallet_actions.freeze_wallet(by=None, wallet=scene.wallet, why="A question")
    with pytest.raises(WrongMoment, match="frozen"):
        actions.approve_draw(by=scene.ruth, draw=Draw.objects.get(pk=draw.pk))


def test_what_is_promised_does_not_go_back_to_the_sponsor():
    scene = Scene(amounts=(20_000,))
    scene.approved()
    with pytest.raises(Invalid, match=r"\$38.00 is free"):
        actions.ask_money_back(by=scene.ruth, wallet=scene.wallet, amount=3_801)
    actions.ask_money_back(by=scene.ruth, wallet=scene.wallet, amount=3_800)
    assert queries.free(scene.wallet) == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"budget": 0},
        {"budget": -1},
        {"budget": 10**18},
        {"budget": True},
        {"budget": None},
        {"cap_student": 0},
        {"cap_project": -5},
        {"share_bp": 0},
        {"share_bp": 99},
        {"share_bp": 10_001},
        {"share_bp": 60.5},
        {"name": " "},
        {"functions": ["astrology"]},
        {"hours_min": Decimal(9), "hours_max": Decimal(3)},
        {"hours_max": Decimal("NaN")},
        {"approval": "maybe"},
    ],
)
def test_a_programme_that_cannot_be_is_refused(wrong):
    school = sponsors.school()
    ruth = sponsors.coordinator(school)
    wallet = sponsors.wallet(ruth, school)
    with pytest.raises(Invalid):
        sponsors.programme(ruth, wallet, **wrong)
    assert not wallet.programmes.exists()


# --- hiring -----------------------------------------------------------------------------------------------
def test_the_offer_says_who_pays_which_share_before_both_say_yes():
    scene = Scene()
    scene.approved()
    offer = scene.offer()

    sponsor = offer.terms["sponsor"]
    assert (sponsor["amount"], sponsor["fee"], sponsor["due"]) == (16_200, 1_200, 12_000)
    assert f"{scene.school.name} pays $162.00" in offer.text
    assert "The employer then pays **$120.00**" in offer.text


def test_acceptance_takes_the_sponsors_share_and_the_employer_pays_the_rest():
    scene = Scene()
    scene.approved()
    engagement = scene.hired()

    assert (engagement.price, engagement.fee, engagement.net) == (28_200, 1_200, 27_000)
    assert (engagement.sponsored, engagement.due, engagement.hold.due) == (16_200, 12_000, 12_000)
    assert [m.net for m in work.milestones(engagement)] == [9_000, 9_000, 9_000]
    draw = Draw.objects.get()
    assert (draw.state, draw.used, draw.promised, draw.student) == ("used", 16_200, 0, scene.amara)
    assert scene.pool() == 1_000_000 - 16_200

    engagement = work.secure(engagement, scene.ines)
    assert engagement.state == "funded"
    assert engagement.hold.figures()["secured"] == 28_200
    assert sum(total for _, _, total in trial_balance()) == 0


def test_a_wholly_sponsored_engagement_needs_no_payment():
    scene = Scene(share_bp=10_000)
    scene.approved()
    engagement = scene.hired()

    assert (engagement.state, engagement.due, engagement.fee) == ("funded", 0, 0)
    assert not engagement.hold.fundings.exists()
    assert not scene.halden.proofs.exists(), "the employer has paid nothing that would vouch for it"


def test_approving_a_milestone_releases_both_shares():
    scene = Scene(amounts=(10_000, 900_000))
    scene.approved()
    engagement = work.secure(scene.hired(), scene.ines)
    working.kick_off(by=scene.amara, engagement=engagement)
    first = work.milestones(engagement)[0]
    work.hand_in(scene.amara, first)
    working.approve_milestone(by=scene.ines, milestone=work.again(first))

    releases = Release.objects.select_related("part")
    assert sum(row.net for row in releases) == 9_000
    assert {bool(row.part.lot_id): row.fee for row in releases} == {True: 0, False: 400}


def of_kind(person, kind: str) -> list[str]:
    rows = Notification.objects.filter(user=person, kind=kind).order_by("pk")
    return list(rows.values_list("title", flat=True))


def sent(release: Release, number: int) -> None:
    """Stripe has made the transfer."""
    found = {"id": f"tr_{number}", "amount": release.transferred, "currency": "usd"}
    releasing.transfer_made(Release.objects.select_related("part__lot").get(pk=release.pk), found)


def approved_milestone(scene) -> list[Release]:
    scene.approved()
    engagement = work.secure(scene.hired(), scene.ines)
    working.kick_off(by=scene.amara, engagement=engagement)
    first = work.milestones(engagement)[0]
    work.hand_in(scene.amara, first)
    working.approve_milestone(by=scene.ines, milestone=work.again(first))
    return list(Release.objects.order_by("pk"))


def test_a_milestone_that_two_pay_for_is_told_of_once_with_the_whole():
    scene = Scene()
    rows = approved_milestone(scene)
    assert sorted(row.net for row in rows) == [3_600, 5_400]
    assert of_kind(scene.amara, "set_up_payouts") == ["$90.00 waits for your bank details"]

    Release.objects.update(state="queued")
    sent(rows[0], 1)
    assert of_kind(scene.amara, "released") == []
    sent(rows[1], 2)
    assert of_kind(scene.amara, "released") == ["$90.00 is on its way to your account"]


def test_what_does_not_have_to_wait_for_the_sponsors_transfer_is_told_at_once():
    scene = Scene()
    rows = approved_milestone(scene)
    Release.objects.update(state="queued")
    sent(rows[0], 1)
    lacking = stripe.InvalidRequestError("no funds", "amount", code="balance_insufficient")
    releasing.transfer_refused(Release.objects.select_related("part").get(pk=rows[1].pk), lacking)
    alone = f"{money.show(rows[0].net)} is on its way to your account"
    assert of_kind(scene.amara, "released") == [alone]

    clock.advance(timedelta(hours=2))
    sent(rows[1], 2)
    later = f"{money.show(rows[1].net)} is on its way to your account"
    assert of_kind(scene.amara, "released") == [alone, later]


def test_a_delayed_release_that_two_pay_for_is_told_of_once_too():
    scene = Scene()
    scene.halden.proven_at = None
    scene.halden.save()
    approved_milestone(scene)
    assert [title.split(" is released on")[0] for title in of_kind(scene.amara, "released")] == ["$90.00"]


def test_a_cancelled_engagement_gives_each_its_own_back_and_the_preview_was_right():
    from projects.working.queries import cancel_preview

    scene = Scene()
    scene.approved()
    engagement = work.secure(scene.hired(), scene.ines)
    working.kick_off(by=scene.amara, engagement=engagement)
    engagement = work.again(engagement)
    preview = cancel_preview(engagement, "employer")
    assert (preview.pays, preview.fee) == (6_750, 300)
    cancellation = working.cancel_engagement(by=scene.ines, engagement=engagement)
    clock.advance(timedelta(hours=49))
    cancellation = working.settle_cancellation(cancellation)

    back = cancellation.refunds, cancellation.returns
    assert sum(back) + cancellation.pays + cancel_fee(engagement) == 28_200
    assert scene.pool() == 1_000_000 - 16_200 + cancellation.returns
    assert any("came back" in title for title in told(scene.ruth))


def test_a_dispute_pays_by_both_sources_and_gives_each_the_rest_of_its_own():
    scene = Scene()
    scene.approved()
    engagement = work.secure(scene.hired(), scene.ines)
    working.kick_off(by=scene.amara, engagement=engagement)
    first, pool = work.milestones(engagement)[0], scene.pool()
    work.hand_in(scene.amara, first)
    half = first.net // 2
    dispute = disputing.open_dispute(
        by=scene.ines, milestone=work.again(first), amount=half, text="Half of it."
    )
    foreseen = division(parts_for(engagement.hold_ref, first.part_ref), half)
    disputing.accept_amount(by=scene.amara, dispute=dispute, amount=half)

    releases = Release.objects.filter(part__hold=engagement.hold)
    assert sum(row.net for row in releases) == half == foreseen.pays
    assert sum(row.fee for row in releases) == foreseen.fee
    assert sum(row.amount for row in Refund.objects.filter(hold=engagement.hold)) == foreseen.refunds
    assert scene.pool() - pool == foreseen.returns > 0
    assert foreseen.pays + foreseen.fee + foreseen.refunds + foreseen.returns == first.price
    assert {bool(row.part.lot_id): row.fee > 0 for row in releases} == {True: False, False: True}


def cancel_fee(engagement) -> int:
    return sum(row.fee for row in Release.objects.filter(part__hold=engagement.hold))


def test_funds_that_never_come_give_the_sponsor_its_share_back_and_the_promise_stands():
    scene = Scene()
    scene.approved()
    engagement = scene.hired()
    clock.advance(engagement.fund_by - clock.now() + timedelta(minutes=1))
    assert hiring.lapse_engagement(engagement)

    draw = Draw.objects.get()
    assert (draw.state, draw.promised, draw.used) == ("approved", 16_200, 0)
    assert (scene.pool(), queries.free(scene.wallet)) == (1_000_000, 983_800)


def test_a_student_of_another_school_is_not_sponsored_and_the_offer_says_nothing_of_it():
    scene = Scene()
    scene.approved()
    bela = people.student("Bela Hidden")
    quote = actions.quote(scene.project, bela)
    assert quote.amount == 0
    assert scene.school.name in quote.why_not
    engagement = scene.hired(bela)
    assert (engagement.sponsored, engagement.price) == (0, 30_000)


def test_when_the_money_is_gone_at_acceptance_the_employer_is_told_and_pays_all_or_steps_back():
    scene = Scene(amounts=(16_200,))
    draw = scene.approved()
    offer = scene.offer()
    wallet_actions.freeze_wallet(by=None, wallet=scene.wallet, why="A question")
    engagement = hiring.accept_offer(by=scene.amara, offer=offer)

    assert (engagement.sponsored, engagement.price, engagement.net) == (0, 30_000, 27_000)
    assert any("cannot pay for" in title for title in told(scene.ines))
    draw.refresh_from_db()
    assert (draw.state, scene.pool()) == ("approved", 16_200)
    working.cancel_engagement(by=scene.ines, engagement=engagement)
    assert work.again(engagement).state == "cancelled"


def test_the_cap_of_a_student_counts_all_their_work():
    scene = Scene(cap_student=20_000)
    scene.approved()
    scene.hired()
    other = work.project(scene.halden)
    draw = scene.approved(other)
    assert actions.quote(other, scene.amara).amount == 3_800
    assert actions.quote(other, scene.student("Cleo Open")).amount == 16_200
    assert draw.state == "approved"


def test_the_cap_of_a_project_and_odd_amounts_hold():
    scene = Scene(cap_project=10_001, project={"price": 33_333})
    assert scene.approved().promised == 10_001
    engagement = scene.hired()
    assert sum(m.sponsored for m in work.milestones(engagement)) == 10_001
    assert engagement.net == posting.net(scene.project)


# --- clocks and notices -----------------------------------------------------------------------------------
def test_a_project_that_is_over_frees_what_was_set_aside():
    from projects.posting.actions import close_project

    scene = Scene()
    scene.approved()
    close_project(by=scene.ines, project=scene.project, reason="cancelled")
    tasks.sponsoring_clock()
    tasks.sponsoring_clock()
    assert Draw.objects.get().state == "ended"
    assert queries.free(scene.wallet) == 1_000_000


def test_a_programme_that_ends_soon_is_told_of_once():
    scene = Scene(ends_on=clock.now().date() + timedelta(days=10))
    tasks.sponsoring_reminders()
    tasks.sponsoring_reminders()
    assert sum("ends on" in title for title in told(scene.ruth)) == 1


def test_a_wallet_that_runs_low_says_so():
    scene = Scene(amounts=(20_000,))
    wallet_actions.set_low_mark(by=scene.ruth, wallet=scene.wallet, amount=10_000)
    scene.approved()
    scene.hired()
    assert any("is left for projects" in title for title in told(scene.ruth))


# --- at once ----------------------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_two_employers_at_once_never_pass_the_cap_of_a_student():
    scene = Scene(cap_student=16_200)
    projects = [scene.project, work.project(scene.halden)]
    for project in projects:
        scene.approved(project)
    offers = [scene.offer(project=project) for project in projects]
    gate, found = threading.Barrier(2), []

    def accept(offer):
        gate.wait()
        try:
            found.append(hiring.accept_offer(by=scene.amara, offer=offer))
        finally:
            connection.close()

    threads = [threading.Thread(target=accept, args=[offer]) for offer in offers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(engagement.sponsored for engagement in found) == [0, 16_200]
    assert scene.pool() == 1_000_000 - 16_200


@pytest.mark.django_db(transaction=True)
def test_two_coordinators_at_once_never_promise_the_same_money():
    scene = Scene(amounts=(20_000,))
    draws = [scene.asked(project) for project in (scene.project, work.project(scene.halden))]
    gate, found = threading.Barrier(2), []

    def approve(draw):
        gate.wait()
        try:
            found.append(actions.approve_draw(by=scene.ruth, draw=draw).promised)
        finally:
            connection.close()

    threads = [threading.Thread(target=approve, args=[draw]) for draw in draws]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(found) == [3_800, 16_200]
    assert queries.free(scene.wallet) == 0
    assert balance("bank:USD") == 20_000
