"""Which projects and students a programme pays for, how much, and how that is shared out over milestones."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Sum

from accounts.employers.models import Organisation
from accounts.skills.functions import Function
from accounts.students.models import StudentProfile
from marketplace.ground import clock
from marketplace.ground.money import rounded, show, split, step
from payments.holds.figures import fee_on
from projects.posting import queries as posting
from projects.posting.models import Project

from .models import Draw, Programme
from .states import DrawState, ProgrammeState

SMALL = (Organisation.Size.SOLO, Organisation.Size.SMALL, Organisation.Size.MEDIUM)


def plain(hours: Decimal) -> str:
    """`30.0` -> `30`, `7.5` -> `7.5`."""
    return f"{hours.normalize():f}"


# --- who and what -----------------------------------------------------------------------------------------
def why_closed(programme: Programme) -> str | None:
    """Why nothing is given by the programme today; None when it is open."""
    today = clock.now().date()
    if programme.state != ProgrammeState.OPEN:
        return f"“{programme.name}” is {programme.get_state_display().lower()}."
    if today < programme.starts_on:
        return f"“{programme.name}” begins on {programme.starts_on:%-d %B %Y}."
    return f"“{programme.name}” has ended." if today > programme.ends_on else None


def why_not_project(programme: Programme, project: Project) -> list[str]:
    """Every reason why the project does not fit; empty when it does."""
    organisation, wallet = project.organisation, programme.wallet
    found = []
    if wallet.organisation_id == organisation.pk:
        found.append("A sponsor does not pay for its own projects.")
    if project.currency != wallet.currency:
        found.append(f"It pays in {wallet.currency}.")
    if programme.functions and project.function not in programme.functions:
        names = ", ".join(Function(slug).label.lower() for slug in programme.functions)
        found.append(f"It is for {names}.")
    if programme.verified_only and organisation.verified_at is None:
        found.append("It is for verified employers.")
    if programme.small_only and organisation.size not in SMALL:
        found.append("It is for employers of at most 50 people who say so on their page.")
    if not programme.hours_min <= project.hours <= programme.hours_max:
        found.append(f"It is for {plain(programme.hours_min)} to {plain(programme.hours_max)} hours.")
    hourly = posting.hourly_net(project)
    if hourly is not None and hourly < programme.hourly_min:
        found.append(
            f"It is for work that pays at least {show(programme.hourly_min, wallet.currency)} an hour."
        )
    return found


def why_not_student(programme: Programme, student) -> str | None:
    """Why this student is not sponsored; None when they are. Names no private fact but the programme's own rules."""
    profile = StudentProfile.objects.filter(user=student).first()
    schools = list(programme.schools.all())
    verified = profile and profile.school_verified_at is not None
    if not verified or (schools and profile.school_id not in {school.pk for school in schools}):
        names = " or ".join(school.name for school in schools) or "a school"
        return f"“{programme.name}” is for students whose place at {names} is verified."
    if programme.first_timers_only and student.engagements.filter(state="completed").exists():
        return f"“{programme.name}” is for students who have not completed a project here yet."
    return None


# --- how much ---------------------------------------------------------------------------------------------
def taken(programme: Programme, without: Draw | None = None) -> dict[str, int]:
    """Minor units of the budget: `used` with projects or spent, and `promised` to approved requests."""
    rows = programme.draws.exclude(pk=without and without.pk)
    used = rows.aggregate(total=Sum("used"))["total"] or 0
    promised = rows.filter(state=DrawState.APPROVED).aggregate(total=Sum("promised"))["total"] or 0
    return {"used": used, "promised": promised}


def amount_for(draw: Draw, project: Project, *, student=None, free: int | None = None) -> int:
    """What the programme pays of the student's net, by share, caps, budget and what is free in the wallet."""
    programme = draw.programme
    most = [rounded(Decimal(posting.net(project)) * draw.share_bp / 10_000, project.currency)]
    gone = taken(programme, without=draw)
    most.append(programme.budget - gone["used"] - gone["promised"])
    if programme.cap_project is not None:
        most.append(programme.cap_project)
    if programme.cap_student is not None:
        before = 0
        if student is not None:
            rows = programme.draws.filter(student=student, used__gt=0).exclude(pk=draw.pk)
            before = rows.aggregate(total=Sum("used"))["total"] or 0
        most.append(programme.cap_student - before)
    if free is not None:
        most.append(free)
    amount = max(min(most), 0)
    return amount - amount % step(project.currency)  # a cap or what is free may lie between two steps


class Shared(NamedTuple):
    """One milestone's money when a sponsor pays `sponsored` of its net; `fee` is on the payer's share only."""

    price: int
    fee: int
    sponsored: int


def share_out(rows: Sequence[tuple[int, int]], amount: int, currency: str) -> list[Shared]:
    """(net, fee) of each milestone with `amount` of the whole net paid by a sponsor, adding up to the cent.

    The student's net never changes. The payer owes the rest of the net and the fee on that, in proportion.
    """
    nets, fee = [net for net, _ in rows], sum(fee for _, fee in rows)
    whole = sum(nets)
    sponsored = split(amount, nets, currency) if amount else [0] * len(nets)
    rest = [net - paid for net, paid in zip(nets, sponsored, strict=True)]
    due = fee_on(fee, whole, sum(rest), currency)
    fees = split(due, rest, currency) if due else [0] * len(nets)
    return [Shared(net + one, one, paid) for net, one, paid in zip(nets, fees, sponsored, strict=True)]
