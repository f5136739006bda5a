"""Students who apply, employers who answer, and money that arrives, for the tests of applying and hiring."""

import itertools
from datetime import timedelta

from accounts.students.models import StudentProfile
from accounts.users.models import User
from marketplace.ground import clock
from payments.holds.actions.funding import apply_session
from payments.holds.models import Funding
from projects.applying import actions as applying
from projects.applying.models import Application
from projects.hiring import actions as hiring
from projects.hiring.models import Engagement, Offer

from . import postings

_numbers = itertools.count(1)
URLS = {"success_url": "http://localhost:8000/back/", "cancel_url": "http://localhost:8000/away/"}
ANSWER = "I would ask what nearly stopped them on the day, because that is what brings people back or not."


def student(name: str = "Amara Okafor", **profile) -> User:
    """A student; `profile` are fields of the student profile."""
    user = postings.person(name)
    StudentProfile.objects.create(user=user, **profile)
    return user


def open_project(*, member: User | None = None, proven: bool = True, **changes):
    """A published posting of Halden Bikes (or of `member`'s new organisation) that takes applications."""
    member = member or postings.person("Ines Halden")
    halden = postings.organisation(member, proven=proven)
    if not proven:
        whole = {
            "title": "All of it",
            "outcome": "A deck",
            "done_when": ["It is done", "It is shown"],
            "hours": "18",
        }
        changes = {"price": 45_000, "hours": "18", "milestones": [whole], **changes}
    project = postings.published(member, halden, **changes)
    project.member = member
    return project


def answers_of(project) -> dict[str, str]:
    return {question.public_id: ANSWER for question in project.questions.all()}


def apply(project, user: User | None = None, **more) -> Application:
    return applying.submit_application(
        by=user or student(),
        project=project,
        answers=answers_of(project),
        **{"pitch": "I like bikes.", **more},
    )


def member_of(project) -> User:
    return User.objects.filter(memberships__organisation=project.organisation).order_by("pk").first()


def offer(application: Application, **more) -> Offer:
    """An offer by the employer, with the dates that its page would suggest."""
    from projects.hiring.queries import suggested_dates

    start_on, due_on = suggested_dates(application.project)
    return hiring.make_offer(
        by=member_of(application.project),
        application=application,
        **{"start_on": start_on, "due_on": due_on, **more},
    )


def engaged(application: Application, **more) -> Engagement:
    """The offer made and accepted; the money is still to come."""
    return hiring.accept_offer(by=application.student, offer=offer(application, **more))


def begin_to_pay(engagement: Engagement) -> Funding:
    return hiring.start_funding(by=member_of(engagement.project), engagement=engagement, **URLS)


def stripe_says(
    funding: Funding,
    *,
    payment: str = "paid",
    session: str = "complete",
    intent: str = "succeeded",
    error: str = "",
) -> None:
    """What Stripe answers about the payment page of `funding`, taken over as the inbox does."""
    number = next(_numbers)
    apply_session(
        funding,
        {
            "id": funding.session_id or f"cs_test_{funding.pk}",
            "payment_status": payment,
            "status": session,
            "amount_total": funding.amount,
            "currency": funding.currency.lower(),
            "payment_intent": {
                "id": f"pi_test_{funding.pk}",
                "status": intent,
                "last_payment_error": {"message": error} if error else None,
                "latest_charge": {
                    "id": f"ch_test_{funding.pk}_{number}",
                    "payment_method_details": {"type": "card"},
                },
            },
        },
    )


def fund(engagement: Engagement) -> Engagement:
    """The employer pays and Stripe says so."""
    stripe_says(begin_to_pay(engagement))
    engagement.refresh_from_db()
    return engagement


def later(**step) -> None:
    clock.advance(timedelta(**step))
