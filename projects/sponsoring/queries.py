"""Reads of sponsoring: who sees which programme and draw, what may be done now, and where a wallet's money is."""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, Sum

from accounts.employers.models import Membership
from marketplace.ground import clock
from payments.wallets import queries as wallets
from payments.wallets.models import Wallet
from projects.posting.models import Project
from projects.posting.states import ProjectState

from . import rules
from .models import Draw, Programme
from .states import LIVE, DrawState, ProgrammeState

MAY_ASK = (ProjectState.DRAFT, ProjectState.IN_REVIEW, ProjectState.PUBLISHED)


# --- who sees what ----------------------------------------------------------------------------------------
def programmes_visible_to(user):
    """A sponsor's own programmes; moderators see all."""
    return Programme.objects.filter(wallet__in=wallets.visible_to(user)).select_related(
        "wallet__school", "wallet__organisation"
    )


def visible_to(user):
    """Draws: to the sponsor's people and to the people of the employer that asked; moderators see all."""
    rows = Draw.objects.select_related(
        "programme__wallet__school", "programme__wallet__organisation", "project__organisation", "asked_by"
    )
    if not user.is_authenticated:
        return rows.none()
    if user.is_staff:
        return rows
    member = Membership.objects.filter(user=user).values("organisation")
    return rows.filter(
        Q(programme__wallet__in=wallets.coordinated_by(user).values("pk"))
        | Q(project__organisation__in=member)
    )


def side_of(user, draw: Draw) -> str:
    """`sponsor`, `employer`, or `moderator` for somebody who only reads."""
    if wallets.coordinates(user, draw.programme.wallet):
        return "sponsor"
    own = Membership.objects.filter(user=user, organisation=draw.project.organisation_id)
    return "employer" if own.exists() else "moderator"


# --- what may be done now ---------------------------------------------------------------------------------
def allowed_actions(user, thing) -> dict[str, str | None]:
    """Each act of the user's role on a programme (edit, pause, resume, end), a draw (approve, decline; withdraw)
    or a project (ask): None when it is allowed now, else the reason why not.
    """
    if not user.is_authenticated:
        return {}
    if isinstance(thing, Programme):
        return _programme_acts(thing) if wallets.coordinates(user, thing.wallet) else {}
    if isinstance(thing, Draw):
        side = side_of(user, thing)
        return _draw_acts(thing, side)
    member = Membership.objects.filter(user=user, organisation=thing.organisation_id)
    return {"ask": why_not_ask(thing)} if member.exists() else {}


def _programme_acts(programme: Programme) -> dict[str, str | None]:
    S = ProgrammeState
    ended = "This programme has ended." if programme.state == S.ENDED else None
    return {
        "edit": ended,
        "pause": ended or (None if programme.state == S.OPEN else "It is paused already."),
        "resume": ended or (None if programme.state == S.PAUSED else "It is open."),
        "end": ended,
    }


def _draw_acts(draw: Draw, side: str) -> dict[str, str | None]:
    answered = None if draw.state == DrawState.ASKED else f"This is {draw.get_state_display().lower()}."
    if side == "sponsor":
        return {"approve": answered or why_not_approve(draw), "decline": answered}
    if side == "employer":
        open_now = draw.state in (DrawState.ASKED, DrawState.APPROVED)
        reason = None if open_now else f"This is {draw.get_state_display().lower()}."
        if open_now and draw.project.offers.filter(state="open").exists():
            reason = "An offer that names the sponsor is out. Withdraw the offer first."
        return {"withdraw": reason}
    return {}


def why_not_approve(draw: Draw) -> str | None:
    if reason := wallets.why_frozen(draw.programme.wallet) or rules.why_closed(draw.programme):
        return reason
    if draw.project.state == ProjectState.CLOSED:
        return "The project is closed."
    return None


def why_not_ask(project: Project) -> str | None:
    if project.state not in MAY_ASK:
        return "The project is closed."
    if not project.price or not project.hours:
        return "Write down hours and price first; a sponsor needs to know them."
    if project.offers.filter(state="open").exists():
        return "An offer is out, and its terms stay as they are."
    if draw_of(project):
        return "Sponsorship has been asked for."
    if project.engagements.exclude(state="cancelled").exists():
        return "Somebody has this place already."
    return None


# --- a project's sponsor ----------------------------------------------------------------------------------
def draw_of(project: Project) -> Draw | None:
    """The live draw of `project`."""
    rows = Draw.objects.select_related("programme__wallet__school", "programme__wallet__organisation")
    return rows.filter(project=project, state__in=LIVE).first()


def promise_of(project: Project) -> Draw | None:
    """What the public may read: the approved draw of a project, while its programme is open."""
    draw = draw_of(project)
    if draw is None or draw.state == DrawState.ASKED:
        return None
    if draw.state == DrawState.APPROVED and (
        rules.why_closed(draw.programme) or wallets.why_frozen(draw.programme.wallet)
    ):
        return None
    return draw


def promised_projects():
    """Draws that the public may read of while their programme is open: approved, and not used yet."""
    return Draw.objects.filter(state=DrawState.APPROVED)


def sponsors_of(projects) -> dict[int, str]:
    """The name of the sponsor that the public reads on each of these projects (ids), in one query; see `promise_of`."""
    today = clock.now().date()
    promised = Q(
        state=DrawState.APPROVED,
        programme__state=ProgrammeState.OPEN,
        programme__starts_on__lte=today,
        programme__ends_on__gte=today,
        programme__wallet__state="open",
    )
    rows = Draw.objects.filter(promised | Q(state=DrawState.USED), project__in=list(projects))
    return {
        draw.project_id: draw.programme.wallet.sponsor
        for draw in rows.select_related("programme__wallet__school", "programme__wallet__organisation")
    }


def programmes_for(project: Project) -> list[tuple[Programme, list[str]]]:
    """The open programmes with the reasons why `project` does not fit each; those that fit first."""
    today = clock.now().date()
    rows = (
        Programme.objects.filter(
            state=ProgrammeState.OPEN, starts_on__lte=today, ends_on__gte=today, wallet__state="open"
        )
        .select_related("wallet__school", "wallet__organisation")
        .prefetch_related("schools")
        .order_by("-share_bp", "id")[:50]
    )
    found = [(programme, rules.why_not_project(programme, project)) for programme in rows]
    return sorted(found, key=lambda pair: len(pair[1]))


# --- a sponsor's money ------------------------------------------------------------------------------------
def promised(wallet: Wallet) -> int:
    """What is set aside for approved requests, minor units."""
    rows = Draw.objects.filter(programme__wallet=wallet, state=DrawState.APPROVED)
    return rows.aggregate(total=Sum("promised"))["total"] or 0


def free(wallet: Wallet) -> int:
    """What stands in the wallet, is promised to nobody and questioned by no bank. Exact under the wallet's lock."""
    return max(wallets.spendable_in(wallet) - promised(wallet), 0)


@dataclass(frozen=True)
class ProgrammeLine:
    programme: Programme
    used: int
    promised: int

    @property
    def left(self) -> int:
        return max(self.programme.budget - self.used - self.promised, 0)


def programme_lines(wallet: Wallet) -> list[ProgrammeLine]:
    """A wallet's programmes with what was taken of each budget, in two queries."""
    rows = wallet.programmes.annotate(
        used_sum=Sum("draws__used"),
        promised_sum=Sum("draws__promised", filter=Q(draws__state=DrawState.APPROVED)),
    )
    return [ProgrammeLine(row, row.used_sum or 0, row.promised_sum or 0) for row in rows.order_by("-id")[:50]]


def requests(wallet: Wallet):
    """The requests that wait for the sponsor, the oldest first."""
    return (
        Draw.objects.filter(programme__wallet=wallet, state=DrawState.ASKED)
        .select_related("programme", "project__organisation")
        .order_by("id")
    )


def draws(wallet: Wallet):
    """Everything that was ever asked of a wallet, newest first."""
    return (
        Draw.objects.filter(programme__wallet=wallet)
        .exclude(state=DrawState.ASKED)
        .select_related("programme", "project__organisation", "hold", "student")
        .order_by("-id")
    )


def stale():
    """Draws that wait for a project which is over."""
    live = Project.objects.filter(pk=OuterRef("project")).exclude(state=ProjectState.CLOSED)
    return Draw.objects.filter(~Exists(live), state__in=(DrawState.ASKED, DrawState.APPROVED))
