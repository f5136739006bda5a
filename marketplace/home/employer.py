"""What an employer sees first: what waits for them, their projects and people at work, the answer record, the money."""

from django.db.models import Count, Q
from django.urls import reverse

from accounts.employers import queries as employers
from payments.books import queries as books
from payments.books import statements
from projects.applying import queries as applying
from projects.applying.records import answer_record
from projects.applying.states import ApplicationState
from projects.hiring.models import Offer
from projects.hiring.states import OfferState
from projects.posting import queries as posting
from projects.posting.states import ProjectState
from projects.working import queries as working
from projects.working import story

from .days import Todo, fortnight, soonest_first

SHOWN = 6


def page(user, organisation) -> dict:
    """The context of the front page for one of the person's organisations."""
    projects = list(
        posting.mine(user)
        .filter(organisation=organisation)
        .exclude(state=ProjectState.CLOSED)
        .annotate(
            waiting=Count(
                "applications", filter=Q(applications__state=ApplicationState.SUBMITTED), distinct=True
            ),
            shortlisted=Count(
                "applications", filter=Q(applications__state=ApplicationState.SHORTLISTED), distinct=True
            ),
            in_play=applying.in_play(),
        )[:SHOWN]
    )
    engagements = list(working.mine(user, live=True).filter(organisation=organisation)[:10])
    steps = [(e, story.next_step(e, "employer")) for e in engagements]
    offers = list(
        Offer.objects.filter(project__organisation=organisation, state=OfferState.OPEN).select_related(
            "project", "application__student"
        )[:10]
    )
    sees_money = books.allowed_actions(user, organisation)["see_money"] is None
    return {
        "organisation": organisation,
        "organisations": employers.organisations_of(user),
        "verified": employers.is_verified(organisation),
        "todos": soonest_first(_todos(projects, steps)),
        "days": fortnight(_events(projects, engagements, offers)),
        "projects": [(p, *posting.next_step(p)) for p in projects],
        "engagements": steps,
        "offers": offers,
        "record": answer_record(organisation),
        "money": statements.totals_of(organisation.public_id) if sees_money else [],
        "spending": statements.secured_by_month(organisation.public_id) if sees_money else {},
        "sees_money": sees_money,
        "unanswered": applying.unanswered(user).filter(project__organisation=organisation).count(),
    }


def _todos(projects, steps) -> list[Todo]:
    todos = [
        Todo(
            f"Answer {p.waiting} new {'applicant' if p.waiting == 1 else 'applicants'}",
            p.title,
            reverse("applying:board", args=[p.public_id]),
            "Look",
            p.answer_by,
            p.function,
        )
        for p in projects
        if p.state == ProjectState.PUBLISHED and p.waiting
    ]
    todos += [
        Todo(
            f"Choose from {p.shortlisted} on the shortlist",
            p.title,
            reverse("applying:board", args=[p.public_id]) + "?show=shortlist",
            "Choose",
            p.answer_by,
            p.function,
        )
        for p in projects
        if p.state == ProjectState.PUBLISHED and p.shortlisted and not p.waiting and not p.in_play
    ]
    todos += [
        Todo(
            step.text,
            f"{e.title}, {e.student}",
            reverse(
                "hiring:fund" if e.state == "awaiting_funds" else "working:workspace", args=[e.public_id]
            ),
            "Open",
            step.at,
            e.project.function,
        )
        for e, step in steps
        if step.who == "you"
    ]
    todos += [
        Todo(
            "Finish your draft",
            p.title or "Untitled project",
            reverse("posting:edit", args=[p.public_id, p.step]),
            "Continue",
            None,
            p.function,
        )
        for p in projects
        if p.state == ProjectState.DRAFT
    ]
    return todos


def _events(projects, engagements, offers):
    for project in projects:
        if project.state == ProjectState.PUBLISHED:
            url = reverse("posting:manage", args=[project.public_id])
            yield project.apply_by, f"Closes: {project.title}", url, project.function
            yield project.answer_by, f"Answer all: {project.title}", url, project.function
    for engagement in engagements:
        url = reverse("working:workspace", args=[engagement.public_id])
        for milestone in engagement.milestones.all():
            if milestone.state == "submitted":
                yield (
                    milestone.review_ends_at,
                    f"Your answer: {milestone.title}",
                    url,
                    engagement.project.function,
                )
            elif milestone.state in ("in_progress", "changes_requested"):
                yield milestone.due_at, f"Due: {milestone.title}", url, engagement.project.function
    for offer in offers:
        yield (
            offer.expires_at,
            f"{offer.application.student} answers",
            reverse("applying:applicant", args=[offer.application.public_id]),
            offer.project.function,
        )
