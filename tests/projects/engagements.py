"""Engagements for the tests of working, talking and reviewing, made by the same actions that people use.

The postings and applications are rows; from the offer on everything is real. The funds are secured by what Stripe
would say of a paid session, so that no offline Stripe has to run for it.
"""

import itertools
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from accounts.employers.models import Membership, Organisation
from accounts.students.models import StudentProfile
from accounts.users.models import User
from marketplace.ground import clock
from payments.holds import actions as holds
from payments.holds.actions.funding import apply_session
from projects.applying.models import Application
from projects.hiring import actions as hiring
from projects.hiring.models import Engagement
from projects.posting import queries as posting
from projects.posting.models import PlannedMilestone, Project
from projects.working import actions

_numbers = itertools.count(1)
ZONE = "America/New_York"
DONE_WHEN = ["Three people have tested it", "The notes are in the shared folder"]


def at(text: str) -> datetime:
    """`"2027-03-01 10:00"` in New York."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZONE)).astimezone(UTC)


def go_to(when: str | datetime) -> datetime:
    """Set the clock of the whole house."""
    when = at(when) if isinstance(when, str) else when
    return clock.advance(when - clock.now())


def person(name: str = "Somebody Else", **fields) -> User:
    return User.objects.create_user(
        f"worker{next(_numbers)}@example.com", None, name=name, zone=ZONE, **fields
    )


def student(name: str = "Amara Okafor", **fields) -> User:
    user = person(name)
    StudentProfile.objects.create(user=user, **fields)
    return user


def organisation(*members: User, name: str = "Civic Kitchen", proven: bool = True, **fields) -> Organisation:
    row = Organisation.objects.create(name=name, proven_at=clock.now() if proven else None, **fields)
    for user in members:
        Membership.objects.create(organisation=row, user=user, role=Membership.Role.OWNER)
    return row


def project(of: Organisation, *, milestones: int = 3, price: int = 30_000, **fields) -> Project:
    now = clock.now()
    row = Project.objects.create(
        **{
            "organisation": of,
            "state": "published",
            "title": "Find out which recipes waste the most",
            "function": "data",
            "summary": "Fourteen months of notes on what went into the bin.",
            "outcome": "We know which three to change.",
            "deliverables": ["A table", "A page of advice"],
            "hours": Decimal(4 * milestones),
            "price": price,
            "zone": ZONE,
            "published_at": now,
            "apply_by": now + timedelta(days=7),
            "answer_by": now + timedelta(days=14),
            "closes_silently_at": now + timedelta(days=17),
            "application_count": 1,
            **fields,
        }
    )
    PlannedMilestone.objects.bulk_create(
        PlannedMilestone(
            project=row,
            order=n,
            title=f"Step {n}",
            outcome=f"Outcome {n}",
            done_when=DONE_WHEN,
            hours=Decimal(4),
        )
        for n in range(1, milestones + 1)
    )
    return row


def apply(who: User, to: Project, **fields) -> Application:
    now = clock.now()
    return Application.objects.create(
        **{
            "project": to,
            "student": who,
            "state": "submitted",
            "pitch": "I have done this before.",
            "submitted_at": now,
            "opened_at": now,
            **fields,
        }
    )


def accepted(
    who: User, boss: User, of: Organisation, *, starts_in: int = 0, days: int = 30, **fields
) -> Engagement:
    """The student has said yes; the money is not there yet."""
    posted = project(of, **fields)
    start = posting.today(posted) + timedelta(days=starts_in)
    offer = hiring.make_offer(
        by=boss, application=apply(who, posted), start_on=start, due_on=start + timedelta(days=days)
    )
    return hiring.accept_offer(by=who, offer=offer)


def secure(engagement: Engagement, boss: User) -> Engagement:
    """Stripe has said that the whole price was paid."""
    funding = holds.start_checkout(
        by=boss, hold=engagement.hold, success_url="http://localhost/yes/", cancel_url="http://localhost/no/"
    )
    number = next(_numbers)
    charge = {"id": f"ch_{number}", "payment_method_details": {"type": "card"}}
    apply_session(
        funding,
        {
            "id": f"cs_{number}",
            "status": "complete",
            "payment_status": "paid",
            "amount_total": funding.amount,
            "currency": funding.currency.lower(),
            "payment_intent": {"id": f"pi_{number}", "latest_charge": charge},
        },
    )
    return again(engagement)


def funded(who: User, boss: User, of: Organisation, **fields) -> Engagement:
    return secure(accepted(who, boss, of, **fields), boss)


def active(who: User, boss: User, of: Organisation, **fields) -> Engagement:
    engagement = funded(who, boss, of, **fields)
    actions.kick_off(by=who, engagement=engagement)
    return again(engagement)


def completed(who: User, boss: User, of: Organisation, **fields) -> Engagement:
    """Every milestone handed in and approved."""
    engagement = active(who, boss, of, **fields)
    for milestone in milestones(engagement):
        hand_in(who, milestone)
        actions.approve_milestone(by=boss, milestone=milestone)
    return again(engagement)


def hand_in(who: User, milestone, **work):
    return actions.submit_work(
        by=who, milestone=again(milestone), **{"note": "Here it is.", "ai_note": "none", **work}
    )


def milestones(engagement: Engagement) -> list:
    return list(engagement.milestones.select_related("engagement").order_by("order"))


def again(row):
    """The same row, read anew with everything that hangs on it."""
    return type(row).objects.get(pk=row.pk)
