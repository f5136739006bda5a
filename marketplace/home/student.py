"""What a student sees first: what waits for them, the two weeks ahead, where every application stands, the money."""

from django.urls import reverse
from django.utils import timezone

from accounts.students import queries as students
from marketplace.ground import clock
from payments.books import earnings, entries
from payments.connect.queries import payee_of
from projects.applying import queries as applying
from projects.applying.states import ApplicationState
from projects.hiring.models import Offer
from projects.hiring.states import OfferState
from projects.inviting import queries as inviting
from projects.posting import queries as posting
from projects.reviewing.models import Credential
from projects.suggesting import queries as suggesting
from projects.working import queries as working
from projects.working import story

from .days import Todo, fortnight, soonest_first

SHOWN = 6


def page(user, profile) -> dict:
    """The context of the student's front page."""
    engagements = list(working.mine(user, live=True)[:10])
    offers = list(
        Offer.objects.filter(application__student=user, state=OfferState.OPEN).select_related(
            "project__organisation"
        )[:10]
    )
    applications = list(applying.mine(user).select_related("project__organisation")[:SHOWN])
    drafts = [
        a for a in applications if a.state == ApplicationState.DRAFT and posting.window_is_open(a.project)
    ]
    invitations = list(inviting.received(user).filter(state="open")[:10])
    steps = [(e, story.next_step(e, "student")) for e in engagements]
    return {
        "profile": profile,
        "completeness": students.completeness(profile),
        "todos": soonest_first(_todos(offers, steps, drafts, invitations)),
        "days": fortnight(_events(offers, engagements, applications)),
        "applications": [(a, applying.status(a), applying.hears_by(a)) for a in applications],
        "engagements": [(e, step) for e, step in steps],
        "totals": earnings.in_year(user, entries.today().year),
        "standing": earnings.standing(user),
        "earned": [
            (f"money:{currency}", [(f"{day:%b}", one.net) for day, one in rows])
            for currency, rows in earnings.by_period(user).items()
        ],
        "payee": payee_of(user),
        "planned": _weekly(engagements),
        "records": list(
            Credential.objects.filter(student=user, revoked_at=None).select_related("engagement__project")[:4]
        ),
        "fitting": [
            {"project": one.project, "net": posting.net(one.project), "reasons": one.fit.reasons()[:1]}
            for one in suggesting.for_you(profile, 4)
        ],
    }


def _todos(offers, steps, drafts, invitations) -> list[Todo]:
    todos = [
        Todo(
            f"Answer the offer from {o.project.organisation}",
            o.project.title,
            reverse("hiring:answer", args=[o.public_id]),
            "Read it",
            o.expires_at,
            o.project.function,
        )
        for o in offers
    ]
    todos += [
        Todo(
            step.text,
            f"{e.title}, {e.organisation}",
            reverse("working:workspace", args=[e.public_id]),
            "Open",
            step.at,
            e.project.function,
        )
        for e, step in steps
        if step.who == "you"
    ]
    todos += [
        Todo(
            f"{i.project.organisation} invites you to apply",
            i.project.title,
            reverse("inviting:invitation", args=[i.public_id]),
            "Read it",
            i.expires_at,
            i.project.function,
        )
        for i in invitations
    ]
    todos += [
        Todo(
            f"Finish your application to {a.project.organisation}",
            a.project.title,
            reverse("applying:apply", args=[a.project.public_id]),
            "Continue",
            a.project.apply_by,
            a.project.function,
        )
        for a in drafts
    ]
    return todos


def _events(offers, engagements, applications):
    for offer in offers:
        yield (
            offer.expires_at,
            f"{offer.project.organisation}: answer",
            reverse("hiring:answer", args=[offer.public_id]),
            offer.project.function,
        )
    for engagement in engagements:
        url = reverse("working:workspace", args=[engagement.public_id])
        for milestone in engagement.milestones.all():
            if milestone.state in ("planned", "in_progress", "changes_requested"):
                yield milestone.due_at, f"Due: {milestone.title}", url, engagement.project.function
    for application in applications:
        at = applying.hears_by(application)
        if at:
            yield (
                at,
                f"{application.project.organisation} answers",
                reverse("applying:detail", args=[application.public_id]),
                application.project.function,
            )


def _weekly(engagements) -> int:
    """Planned hours a week over the live engagements, rounded up."""
    total = 0
    for engagement in engagements:
        days = max(1, (engagement.due_on - engagement.start_on).days)
        total += float(engagement.hours) * 7 / max(7, days)
    return -(-int(total * 10) // 10)


def greeting() -> str:
    """Good morning, afternoon or evening, by the viewer's clock."""
    hour = timezone.localtime(clock.now()).hour
    return "Good morning" if 5 <= hour < 12 else "Good afternoon" if 12 <= hour < 18 else "Good evening"
