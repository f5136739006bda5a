"""From the promise to the money: what an offer may say of a sponsor, and what acceptance takes from the wallet."""

from typing import NamedTuple

from django.db import transaction
from django.db.models import F

from marketplace.ground.errors import WrongMoment
from marketplace.ground.states import move
from payments.holds.models import Hold
from payments.holds.states import CANCELLED
from payments.wallets import actions as money
from payments.wallets import queries as wallets
from payments.wallets.models import Lot
from projects.posting.models import Project
from projects.posting.states import ProjectState

from .. import notices, queries, rules
from ..models import Draw
from ..states import DrawState


class Quote(NamedTuple):
    """What an offer can say: the sponsor pays `amount` of this student's net; 0 with the reason why not."""

    draw: Draw
    amount: int
    why_not: str


class Sponsorship(NamedTuple):
    """Taken for one engagement: the lots that pay for each milestone, in order."""

    draw: Draw
    pieces: list[list[tuple[Lot, int]]]


def quote(project: Project, student) -> Quote | None:
    """What the sponsor of `project` would pay for `student` today; None when it has no sponsor."""
    draw = queries.draw_of(project)
    if draw is None or draw.state != DrawState.APPROVED:
        return None
    draw.project = project
    amount, why = _amount(draw, project, student)
    return Quote(draw, amount, why)


def _amount(draw: Draw, project: Project, student) -> tuple[int, str]:
    programme = draw.programme
    why = (
        wallets.why_frozen(programme.wallet)
        or rules.why_closed(programme)
        or next(iter(rules.why_not_project(programme, project)), None)
        or rules.why_not_student(programme, student)
    )
    if why:
        return 0, why
    wallet = programme.wallet
    free = min(queries.free(wallet) + draw.promised, wallets.spendable_in(wallet))
    amount = rules.amount_for(draw, project, student=student, free=free)
    return amount, "" if amount else "The sponsor's money for this is used up."


def take(project: Project, student, *, draw_id: str, amounts: list[int]) -> Sponsorship:
    """Take `amounts` (one for each milestone) for `student`, all or nothing; rules and money are looked at anew.

    Call it with the project locked and before the hold is opened: it locks the wallet, and the hold takes the
    pieces in the same transaction; then `mark_used`. Raises `WrongMoment` with the reason why not.
    """
    draw = queries.draw_of(project)
    if draw is None or draw.public_id != draw_id or draw.state != DrawState.APPROVED:
        raise WrongMoment("The sponsor's promise is not there any more.")
    wallet = money.lock_wallet(draw.programme.wallet)
    draw.programme.refresh_from_db()
    draw.programme.wallet = wallet
    now, why = _amount(draw, project, student)
    if now < sum(amounts):
        raise WrongMoment(why or "The sponsor can pay less of this than the offer says.")
    return Sponsorship(draw, money.lots_for(wallet, amounts))


def mark_used(sponsorship: Sponsorship, *, hold: Hold, student) -> None:
    """The hold has taken the money: what was promised is now given."""
    draw = sponsorship.draw
    move(
        draw,
        DrawState.USED,
        reason="accepted",
        used=sum(piece for pieces in sponsorship.pieces for _, piece in pieces),
        promised=0,
        hold=hold,
        student=student,
    )
    notices.given(draw)
    notices.low(draw.programme.wallet)


def take_back(hold: Hold, amount: int) -> None:
    """`amount` of the hold has gone back into the wallet. When all of it has, the project may try again.

    Heard from payments inside its transaction, with the hold locked.
    """
    draw = (
        Draw.objects.select_related("programme__wallet__school", "programme__wallet__organisation", "project")
        .filter(hold=hold)
        .first()
    )
    if draw is None:
        return
    Draw.objects.filter(pk=draw.pk).update(used=F("used") - amount)
    draw.refresh_from_db(fields=["used", "state"])
    if draw.used == 0 and draw.state == DrawState.USED:
        again = hold.state == CANCELLED and draw.project.state == ProjectState.PUBLISHED
        if again:
            move(
                draw,
                DrawState.APPROVED,
                reason="not_funded",
                promised=amount,
                hold=None,
                student=None,
            )
        else:
            move(draw, DrawState.ENDED, reason="returned")
    notices.returned(draw, amount)


@transaction.atomic
def end_unused(draw: Draw) -> bool:
    """The project is over: what was set aside for it is free again. True when this ended it."""
    row = Draw.objects.select_for_update(skip_locked=True).filter(pk=draw.pk).first()
    if row is None or row.state not in (DrawState.ASKED, DrawState.APPROVED):
        return False
    if not queries.stale().filter(pk=row.pk).exists():
        return False
    move(row, DrawState.ENDED, reason="project_over", promised=0)
    return True
