"""Two people act at once, with real threads on PostgreSQL: there is one outcome, and it is whole.

The last test takes a lock away and shows that the race then really happens, so that the others prove something.
"""

import threading
from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection
from django.db.models import Q

from accounts.notifications.models import Notification
from marketplace.ground import clock, policy
from marketplace.ground.errors import Refused
from marketplace.ground.models import Policy, StateChange
from payments.holds.models import Funding, Hold
from projects.applying import actions as applying
from projects.applying import tasks as applying_tasks
from projects.applying.models import Application
from projects.applying.states import OPEN, ApplicationState, DeclineReason
from projects.hiring import actions, tasks
from projects.hiring.models import Engagement, Offer
from projects.hiring.queries import suggested_dates
from projects.hiring.states import LIVE, EngagementState, OfferState
from projects.posting.models import Project

from .people import (
    URLS,
    answers_of,
    apply,
    begin_to_pay,
    engaged,
    later,
    member_of,
    offer,
    open_project,
    stripe_says,
    student,
)

pytestmark = pytest.mark.django_db(transaction=True)
A, O, E = ApplicationState, OfferState, EngagementState


def at_once(*acts) -> list:
    """Run every act in a thread of its own, all let go at the same moment; gives what each returned or raised."""
    gate, results = threading.Barrier(len(acts)), [None] * len(acts)

    def run(place, act):
        try:
            gate.wait(10)
            results[place] = act()
        except Exception as error:  # noqa: BLE001 - the test judges it
            results[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


def only_refusals(results) -> None:
    """Whoever lost heard a sentence, never a database error."""
    assert not [r for r in results if isinstance(r, Exception) and not isinstance(r, Refused)], results


def whole() -> None:
    """What must be true whoever was faster."""
    for project in Project.objects.all():
        assert project.offers.filter(state=O.OPEN).count() <= 1
        assert project.engagements.filter(state__in=[*LIVE, E.COMPLETED]).count() <= 1
        assert (
            project.application_count
            == project.applications.exclude(state__in=(A.DRAFT, A.WITHDRAWN)).count()
        )
        offered = project.applications.filter(state=A.OFFERED).count()
        assert (
            offered == project.offers.filter(Q(state=O.OPEN) | Q(engagement__state=E.AWAITING_FUNDS)).count()
        )
    for engagement in Engagement.objects.exclude(state=E.CANCELLED):
        assert engagement.offer.state == O.ACCEPTED
        assert engagement.application.state in (A.OFFERED, A.HIRED)
        assert engagement.hold.price == engagement.price == sum(m.price for m in engagement.milestones.all())


def make_offer(application):
    start_on, due_on = suggested_dates(application.project)
    return actions.make_offer(
        by=member_of(application.project), application=application, start_on=start_on, due_on=due_on
    )


def test_accepting_and_withdrawing_the_offer():
    for _ in range(5):
        made = offer(apply(open_project()))
        amara, member = made.application.student, member_of(made.project)
        results = at_once(
            lambda: actions.accept_offer(by=amara, offer=made),
            lambda: actions.withdraw_offer(by=member, offer=made),
        )
        only_refusals(results)
        assert sum(isinstance(r, Refused) for r in results) == 1
        whole()
        assert Hold.objects.count() == Engagement.objects.count()


def test_accepting_and_withdrawing_the_application():
    for _ in range(5):
        application = apply(open_project())
        made = offer(application)
        amara = application.student
        results = at_once(
            lambda: actions.accept_offer(by=amara, offer=made),
            lambda: applying.withdraw_application(by=amara, application=application),
        )
        only_refusals(results)
        assert sum(isinstance(r, Refused) for r in results) == 1
        whole()


def test_accepting_twice_is_one_engagement():
    made = offer(apply(open_project()))
    amara = made.application.student
    results = at_once(*[lambda: actions.accept_offer(by=amara, offer=made)] * 4)
    only_refusals(results)
    assert Engagement.objects.count() == Hold.objects.count() == 1
    whole()


def test_two_offers_for_one_place():
    for _ in range(5):
        project = open_project()
        first, second = apply(project), apply(project)
        results = at_once(lambda: make_offer(first), lambda: make_offer(second))
        only_refusals(results)
        assert Offer.objects.filter(project=project).count() == 1
        whole()


def test_an_offer_and_a_decline_of_the_same_person():
    for _ in range(5):
        application = apply(open_project())
        member = member_of(application.project)
        results = at_once(
            lambda: make_offer(application),
            lambda: applying.decline_application(by=member, application=application, reason="skills"),
        )
        only_refusals(results)
        assert sum(isinstance(r, Refused) for r in results) == 1
        whole()


def test_the_second_click_of_sending_is_not_a_second_application():
    project, amara = open_project(), student()
    answers = answers_of(project)
    results = at_once(
        *[lambda: applying.submit_application(by=amara, project=project, pitch="x", answers=answers)] * 5
    )
    only_refusals(results)
    assert sum(isinstance(r, Application) for r in results) == 1
    assert Project.objects.get().application_count == 1
    assert Notification.objects.filter(kind="application-received").count() == 1


def test_autosave_and_sending_do_not_trip_over_each_other():
    project, amara = open_project(), student()
    answers = answers_of(project)
    results = at_once(
        lambda: applying.save_application(by=amara, project=project, pitch="half", answers={}),
        lambda: applying.submit_application(by=amara, project=project, pitch="whole", answers=answers),
        lambda: applying.save_application(by=amara, project=project, pitch="half", answers={}),
    )
    only_refusals(results)
    row = Application.objects.get()
    assert (row.state, row.pitch) == (A.SUBMITTED, "whole")


def test_the_cap_of_open_applications_holds_against_many_tabs():
    policy.current()
    Policy.objects.update(open_applications=2)
    amara, open_ones = student(), [open_project() for _ in range(6)]
    acts = [
        lambda p=p, a=answers_of(p): applying.submit_application(by=amara, project=p, pitch="x", answers=a)
        for p in open_ones
    ]
    only_refusals(results := at_once(*acts))
    assert sum(isinstance(r, Application) for r in results) == 2


def test_the_last_place_is_taken_once():
    project = open_project()
    Project.objects.update(application_cap=3)
    later(hours=73)
    users, answers = [student(f"Student {i}") for i in range(6)], answers_of(project)
    results = at_once(
        *[
            lambda u=u: applying.submit_application(by=u, project=project, pitch="x", answers=answers)
            for u in users
        ]
    )
    only_refusals(results)
    assert sum(isinstance(r, Application) for r in results) == 3
    assert sorted(Application.objects.filter(state=A.SUBMITTED).values_list("number", flat=True)) == [1, 2, 3]
    whole()


def test_three_live_engagements_hold_when_four_offers_are_accepted_at_once():
    policy.current()
    Policy.objects.update(weekly_hours_max=1000)
    amara = student()
    offers = [offer(apply(open_project(), amara)) for _ in range(4)]
    results = at_once(*[lambda o=o: actions.accept_offer(by=amara, offer=o) for o in offers])
    only_refusals(results)
    assert sum(isinstance(r, Engagement) for r in results) == 3
    whole()


def test_two_students_never_get_the_same_place():
    project = open_project()
    first, second = apply(project), apply(project)
    made = offer(first)

    def the_other():
        actions.withdraw_offer(by=member_of(project), offer=made)
        return actions.accept_offer(by=second.student, offer=make_offer(second))

    only_refusals(at_once(lambda: actions.accept_offer(by=first.student, offer=made), the_other))
    assert Engagement.objects.count() == 1
    whole()


def test_three_in_reserve_at_most():
    project = open_project()
    rows = [applying.shortlist(by=member_of(project), application=apply(project)) for _ in range(5)]
    only_refusals(at_once(*[lambda r=r: applying.agree_reserve(by=r.student, application=r) for r in rows]))
    assert Application.objects.filter(in_reserve=True).count() == 3


def test_the_clock_and_the_student_meet_at_the_last_second():
    for _ in range(4):
        made = offer(apply(open_project()))
        Offer.objects.filter(pk=made.pk).update(expires_at=clock.now() + timedelta(milliseconds=40))
        amara = made.application.student
        only_refusals(
            at_once(lambda: actions.accept_offer(by=amara, offer=made), tasks.offer_clock, tasks.offer_clock)
        )
        tasks_left = Offer.objects.filter(pk=made.pk, state=O.OPEN, expires_at__lte=clock.now())
        if tasks_left.exists():
            tasks.offer_clock()
        whole()


def test_money_and_the_lapse_meet():
    for _ in range(4):
        engagement = engaged(apply(open_project()))
        funding = begin_to_pay(engagement)
        Engagement.objects.filter(pk=engagement.pk).update(fund_by=clock.now() - timedelta(seconds=1))
        results = at_once(lambda: stripe_says(funding), lambda: actions.lapse_engagement(engagement))
        only_refusals(results)
        engagement.refresh_from_db()
        funding.refresh_from_db()
        assert (engagement.state, funding.extra) in ((E.FUNDED, False), (E.CANCELLED, True))
        whole()


def test_two_clicks_on_pay_open_one_page():
    engagement = engaged(apply(open_project()))
    member = member_of(engagement.project)
    results = at_once(*[lambda: actions.start_funding(by=member, engagement=engagement, **URLS)] * 4)
    only_refusals(results)
    assert len({r.pk for r in results}) == Funding.objects.count() == 1


def test_the_clocks_in_two_workers_close_once():
    project = open_project()
    rows = [apply(project) for _ in range(4)]
    clock.advance(Project.objects.get().closes_silently_at + timedelta(minutes=1) - clock.now())
    only_refusals(at_once(*[applying_tasks.answer_clock] * 4))
    assert StateChange.of(project).filter(to_state="closed").count() == 1
    assert Notification.objects.filter(kind="application-expired").count() == len(rows)
    assert Notification.objects.filter(kind="closed-silently").count() == 1


def test_the_lot_is_drawn_once():
    project = open_project()
    for _ in range(8):
        apply(project)
    Project.objects.update(application_cap=3)
    later(hours=73)
    only_refusals(at_once(*[applying_tasks.answer_clock] * 4))
    assert Application.objects.filter(state__in=OPEN).count() == 3
    assert Application.objects.filter(decline_reason=DeclineReason.LOT).count() == 5
    assert StateChange.of(project).filter(reason="lot_drawn").count() == 1


def test_hiring_and_a_last_application_leave_nobody_without_an_answer():
    for _ in range(3):
        project = open_project()
        engagement, late = engaged(apply(project)), student()
        funding, answers = begin_to_pay(engagement), answers_of(project)
        only_refusals(
            at_once(
                lambda: stripe_says(funding),
                lambda: applying.submit_application(by=late, project=project, pitch="x", answers=answers),
            )
        )
        assert not Application.objects.filter(project=project, state__in=OPEN).exists()
        whole()


def test_without_the_lock_the_cap_is_really_broken(monkeypatch):
    """The negative control: what is counted per student must be counted by one at a time."""
    from accounts.students.models import StudentProfile

    policy.current()
    Policy.objects.update(open_applications=1)
    counted, count = threading.Barrier(3), applying.student.queries.open_count
    monkeypatch.setattr(applying.student, "lock_profile", lambda user: StudentProfile.objects.get(user=user))

    def slow_count(user):
        number = count(user)
        counted.wait(10)
        return number

    monkeypatch.setattr(applying.student.queries, "open_count", slow_count)
    amara, open_ones = student(), [open_project() for _ in range(3)]
    results = at_once(
        *[
            lambda p=p, a=answers_of(p): applying.submit_application(
                by=amara, project=p, pitch="x", answers=a
            )
            for p in open_ones
        ]
    )
    assert sum(isinstance(r, Application) for r in results) == 3


def test_without_the_projects_lock_two_offers_meet_in_the_database(monkeypatch):
    """The constraint is the last line: without the lock one of the two hears of it from PostgreSQL."""
    project = open_project()
    first, second = apply(project), apply(project)
    looked = threading.Barrier(2)
    real = actions.offers.queries.refusal_to_offer

    def slow_look(application):
        refusal = real(application)
        looked.wait(10)
        return refusal

    monkeypatch.setattr(actions.offers.queries, "refusal_to_offer", slow_look)
    monkeypatch.setattr(applying, "lock", lambda application: (application.project, application))
    results = at_once(lambda: make_offer(first), lambda: make_offer(second))
    assert sum(isinstance(r, Offer) for r in results) == 1
    assert any(isinstance(r, IntegrityError | DatabaseError) for r in results)
