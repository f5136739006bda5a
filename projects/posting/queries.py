"""Reads of postings: who may see what, what may be done now, and the numbers that follow from a posting."""

from datetime import datetime
from decimal import ROUND_DOWN, Decimal
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils.crypto import salted_hmac

from accounts.employers.models import Membership, Organisation
from marketplace.ground import clock, money, policy

from .brief_check import check
from .brief_rules.base import Brief, BriefMilestone, Finding
from .models import ModerationDecision, Project
from .states import ClosedReason, ProjectState

OPEN = (ProjectState.IN_REVIEW, ProjectState.PUBLISHED)
# Findings that a moderator may let pass; they make every sending a reviewed one.
BELOW_FLOOR, LONG = "pay-floor", "hours-range"


# --- who sees what ---------------------------------------------------------------------------------------
def _shown() -> Q:
    return Q(paused_at=None, organisation__suspended_at=None)


def _member_of(user) -> Q:
    return Q(organisation__in=Membership.objects.filter(user=user).values("organisation"))


def _applied(user) -> Q:
    # Applications belong to a later room; they are reached by the name of the relation.
    return Q(Exists(user.applications.filter(project=OuterRef("pk")).exclude(state="draft").order_by()))


def visible_to(user) -> QuerySet[Project]:
    """The postings whose address answers `user` (who may be anonymous).

    Open ones for everybody, closed ones too (by address, as a page that says so: see `sees_whole`), unless a
    moderator removed them, they are paused, or their organisation is suspended; everything to its
    organisation's members and to moderators; and to applicants whatever they applied to.
    """
    if user.is_authenticated and user.is_staff:
        return Project.objects.all()
    public = _shown() & (
        Q(state=ProjectState.PUBLISHED)
        | Q(state=ProjectState.CLOSED, published_at__isnull=False) & ~Q(closed_reason=ClosedReason.REMOVED)
    )
    if not user.is_authenticated:
        return Project.objects.filter(public)
    return Project.objects.filter(public | _member_of(user) | _applied(user))


def open_now() -> QuerySet[Project]:
    """What is listed to everybody: published, not paused, and still taking applications."""
    return Project.objects.filter(_shown(), state=ProjectState.PUBLISHED, apply_by__gt=clock.now())


def ended_empty() -> Q:
    """Open postings whose window is over and to which nobody applied: due to be closed."""
    return Q(state=ProjectState.PUBLISHED, paused_at=None, apply_by__lte=clock.now(), application_count=0)


def sees_whole(user, project: Project) -> bool:
    """Whether the whole brief is shown; False for a stranger who follows a link to a closed posting."""
    if project.state == ProjectState.PUBLISHED or (user.is_authenticated and user.is_staff):
        return True
    if not user.is_authenticated:
        return False
    return Project.objects.filter(_member_of(user) | _applied(user), pk=project.pk).exists()


def mine(user) -> QuerySet[Project]:
    """The postings of the organisations that `user` belongs to, newest work first; thrown-away drafts left out.

    Each carries `sent_back`: the reasons of the moderator's latest decision when that was to send it back.
    """
    latest = ModerationDecision.objects.filter(project=OuterRef("pk")).order_by("-at", "-pk")
    return (
        Project.objects.filter(_member_of(user))
        .exclude(
            state=ProjectState.CLOSED,
            sent_at=None,
            published_at=None,
        )
        .annotate(
            last_outcome=Subquery(latest.values("outcome")[:1]),
            last_reasons=Subquery(latest.values("reasons")[:1]),
        )
        .select_related("organisation")
        .order_by("-updated_at", "-pk")
    )


def managed_by(user) -> QuerySet[Project]:
    """What `user` may open at the employer's desk: the postings of their organisations, or all for a moderator."""
    return Project.objects.all() if user.is_staff else Project.objects.filter(_member_of(user))


# --- the numbers -----------------------------------------------------------------------------------------
def fee(project: Project) -> int:
    """The platform fee on the whole price, in minor units."""
    return money.fee(project.price, project.fee_bp, project.currency)


def net(project: Project) -> int:
    """What the student gets for the whole project, in minor units."""
    return project.price - fee(project)


def hourly_net(project: Project) -> int | None:
    """Whole minor units of the student's net per estimated hour, rounded down; None while hours are unknown."""
    if not project.hours:
        return None
    return int((Decimal(net(project)) / project.hours).to_integral_value(ROUND_DOWN))


def shares(project: Project) -> list[tuple]:
    """(milestone, price, fee) for each planned milestone: shares by hours that add up to the last minor unit."""
    parts = list(project.milestones.all())
    if not parts:
        return []
    weights = [int(part.hours * 10) for part in parts]
    if not any(weights):
        weights = [1] * len(parts)
    prices, fees = (money.split(whole, weights, project.currency) for whole in (project.price, fee(project)))
    return list(zip(parts, prices, fees, strict=True))


def release_delay_days(project: Project) -> int:
    """Days between approval and release: more than 0 for the first engagement of an unproven employer."""
    return 0 if project.organisation.proven_at else policy.current().unproven_release_days


def today(project: Project):
    """The date it is now in the project's zone."""
    return clock.now().astimezone(ZoneInfo(project.zone)).date()


def window_is_open(project: Project) -> bool:
    return project.state == ProjectState.PUBLISHED and project.apply_by > clock.now()


# --- the brief check -------------------------------------------------------------------------------------
def brief_of(project: Project) -> Brief:
    """`project` as the brief check reads it, against the policy in force."""
    rules = policy.current()
    asked = list(project.project_skills.select_related("skill"))
    return Brief(
        title=project.title,
        function=project.function,
        summary=project.summary,
        outcome=project.outcome,
        deliverables=tuple(project.deliverables),
        milestones=tuple(
            BriefMilestone(m.title, m.outcome, tuple(m.done_when), m.hours or None)
            for m in project.milestones.all()
        ),
        hours=project.hours or None,
        price=project.price or None,
        currency=project.currency,
        start_on=project.start_on,
        due_on=project.due_on,
        must_skills=tuple(s.skill.name for s in asked if s.must),
        nice_skills=tuple(s.skill.name for s in asked if not s.must),
        questions=tuple(q.text for q in project.questions.all()),
        good_to_know=project.good_to_know,
        location_mode=project.location_mode,
        location=project.location,
        ai_rule=project.ai_rule,
        show_right=project.show_right,
        today=today(project),
        floor_cents=rules.floor_cents,
        fee_bp=rules.fee_bp,
        min_hours=rules.min_hours,
        max_hours=rules.max_hours,
        min_days=rules.min_days,
        max_days=rules.max_days,
    )


def findings(project: Project) -> list[Finding]:
    """What the brief check says about the posting as it is stored."""
    return list(check(brief_of(project)))


def waivers(project: Project, found: list[Finding]) -> dict[str, Finding]:
    """The findings that a moderator may let pass: pay below the floor, and more hours than usual."""
    most = policy.current().max_hours_approved
    rules = policy.current()
    kept = {f.rule: f for f in found if f.stops and f.rule in (BELOW_FLOOR, LONG)}
    if LONG in kept and not rules.max_hours < project.hours <= most:
        del kept[LONG]
    return kept


def skips_review(project: Project, waivers: dict[str, Finding]) -> bool:
    """Whether the posting is out as soon as it is sent: nothing needs to be allowed, the employer's record is good,
    and it is not the one in so many that is read all the same.
    """
    return not waivers and _is_trusted(project.organisation) and not _is_sampled(project)


def _is_trusted(organisation: Organisation) -> bool:
    """Clean completed engagements with enough different students (a later room; reached by its relation's name)."""
    clean = organisation.engagements.filter(state="completed", disputed_at=None)
    clean = clean.exclude(disputes__state__in=("settled", "overtaken"))
    return clean.order_by().values("student").distinct().count() >= policy.current().clean_for_skip_review


def _is_sampled(project: Project) -> bool:
    """One in so many, fixed for each posting so that sending it twice does not help."""
    one_in = policy.current().sample_one_in
    number = int(
        salted_hmac("projects.posting.sample", project.public_id, algorithm="sha256").hexdigest(), 16
    )
    return one_in > 0 and number % one_in == 0


def too_dear(project: Project) -> str | None:
    """Why an unproven employer's price is too high; None when it is not."""
    most = policy.current().unproven_max_cents
    if project.organisation.proven_at or project.price <= most:
        return None
    return (
        f"A first project can cost at most {money.show(most, project.currency)}, because stolen cards are tried out "
        "on new accounts. After your first completed project there is no such limit."
    )


# --- what may be done now --------------------------------------------------------------------------------
def allowed_actions(user, project: Project) -> dict[str, str | None]:
    """Each act that belongs to the role of `user`: None when it is allowed now, else the reason why not.

    Acts of members: edit, send, take_back, close, extend, duplicate. Of moderators: publish, send_back,
    remove, pause, resume. An act that is missing belongs to somebody else.
    """
    acts: dict[str, str | None] = {}
    if not user.is_authenticated:
        return acts
    member = Membership.objects.filter(user=user, organisation=project.organisation_id).exists()
    if member:
        acts |= member_acts(project)
    if user.is_staff:
        acts |= moderator_acts(project)
        if member:
            own = "You belong to this organisation, so another moderator decides."
            acts |= dict.fromkeys(("publish", "send_back", "remove", "pause", "resume", "lift_strike"), own)
    return acts


def member_acts(project: Project) -> dict[str, str | None]:
    """What anybody of the organisation may do now."""
    suspended = suspension(project.organisation)
    acts = {
        "edit": _edit(project),
        "send": _send(project),
        "take_back": _take_back(project),
        "close": _close(project),
        "extend": _extend(project),
        "duplicate": None,
    }
    if suspended:
        acts |= {name: acts[name] or suspended for name in ("edit", "send", "extend", "duplicate")}
    return acts


def moderator_acts(project: Project) -> dict[str, str | None]:
    """What the state of the posting lets a moderator do now."""
    state, S = project.state, ProjectState
    waiting = (
        None
        if state == S.IN_REVIEW
        else f"Only a posting that waits for review can be read; this one is {_is(project)}."
    )
    return {
        "publish": waiting or suspension(project.organisation),
        "send_back": waiting,
        "remove": _offer_is_out(project) if state in OPEN else f"It is {_is(project)}.",
        "pause": _pause(project),
        "resume": None if project.paused_at else "It is not paused.",
        "lift_strike": _lift_strike(project),
    }


def suspension(organisation: Organisation) -> str | None:
    if organisation.suspended_at is None:
        return None
    return f"{organisation.name} is suspended. Write to {policy.brand().support_email} to talk about it."


def _is(project: Project) -> str:
    return {
        "draft": "a draft",
        "in_review": "being read by a moderator",
        "published": "open",
        "closed": "closed",
    }[project.state]


def _edit(project: Project) -> str | None:
    return {
        ProjectState.DRAFT: None,
        ProjectState.IN_REVIEW: "A moderator is reading it. Take it back first, then change it.",
        ProjectState.PUBLISHED: "Students decide by these words, so they stay as they are. Close it and post a copy.",
        ProjectState.CLOSED: "It is closed. Make a copy and change that.",
    }[project.state]


def _send(project: Project) -> str | None:
    if project.state != ProjectState.DRAFT:
        return f"It was sent already and is {_is(project)}."
    return caps(project.organisation)


def caps(organisation: Organisation) -> str | None:
    """Why this organisation may not put up another posting now; None when it may. Drafts are outside all caps."""
    rules = policy.current()
    projects = Project.objects.filter(organisation=organisation)
    if not (organisation.proven_at or organisation.open_projects_lifted):
        most = rules.new_employer_open_projects
        if projects.filter(state__in=OPEN).count() >= most:
            return (
                f"A new employer can have {most} open projects until the first one is completed. "
                "Close one, or wait until it is done. Your draft is kept."
            )
    posted = projects.filter(published_at__isnull=False).count()
    silent = projects.filter(closed_reason=ClosedReason.SILENT, strike_lifted_at=None).count()
    if silent >= rules.strikes and silent * 10 > posted:
        return (
            f"{silent} of your {posted} projects ended without an answer to the people who applied, so no new ones "
            f"can be posted for now. Write to {policy.brand().support_email} and somebody will look at it again."
        )
    return None


def _take_back(project: Project) -> str | None:
    return None if project.state == ProjectState.IN_REVIEW else f"It is {_is(project)}."


def _close(project: Project) -> str | None:
    if project.state == ProjectState.CLOSED:
        return "It is closed already."
    return _offer_is_out(project)


def _offer_is_out(project: Project) -> str | None:
    if project.state != ProjectState.PUBLISHED:
        return None
    if project.engagements.filter(state="awaiting_funds").exists():
        return "Somebody has accepted your offer. To stop, cancel the work on its own page."
    if project.applications.filter(state="offered").exists():
        return "Somebody has an offer for it. Withdraw the offer first, then close the project."
    return None


def _extend(project: Project) -> str | None:
    if project.state != ProjectState.PUBLISHED:
        return f"It is {_is(project)}."
    if project.paused_at:
        return "It is hidden while a moderator looks at it."
    if project.extended_at:
        return "The window can be extended once, and has been."
    if project.apply_by <= clock.now():
        return "The window has ended. The people who applied are waiting for your answer."
    if project.application_count >= project.application_cap:
        return f"All {project.application_cap} places for applications are taken."
    return None


def _lift_strike(project: Project) -> str | None:
    if project.closed_reason != ClosedReason.SILENT:
        return "It did not end without an answer."
    return "It does not count any more." if project.strike_lifted_at else None


def _pause(project: Project) -> str | None:
    if project.state != ProjectState.PUBLISHED:
        return f"It is {_is(project)}."
    return "It is paused already." if project.paused_at else None


# --- the employer's list ---------------------------------------------------------------------------------
def next_step(project: Project) -> tuple[str, datetime | None]:
    """(what happens next in words, the instant by which or since when) for a row of `mine`."""
    if project.state == ProjectState.DRAFT:
        if getattr(project, "last_outcome", "") == ModerationDecision.Outcome.SENT_BACK and project.sent_at:
            return "A moderator sent it back. Read why and send it again", None
        return "Finish it and send it", None
    if project.state == ProjectState.IN_REVIEW:
        return "A moderator is reading it, since", project.sent_at
    if project.state == ProjectState.CLOSED:
        return project.get_closed_reason_display(), project.closed_at
    if project.paused_at:
        return "Hidden while a moderator looks at it, since", project.paused_at
    if project.apply_by > clock.now():
        return "Applications until", project.apply_by
    return "Answer everybody by", project.answer_by
