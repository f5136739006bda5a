"""An employer asks a sponsor to pay a share; the sponsor says yes or no."""

from django.db import IntegrityError, transaction

from marketplace.ground import clock
from marketplace.ground.errors import Invalid, NotAllowed, WrongMoment
from marketplace.ground.money import show
from marketplace.ground.states import move, record
from payments.wallets import actions as money
from projects.posting.models import Project

from .. import notices, queries, rules
from ..models import Draw, Programme
from ..states import DrawState

MAX_NOTE = 600


def _insist(by, thing, act: str) -> None:
    acts = queries.allowed_actions(by, thing)
    if act not in acts:
        raise NotAllowed("This is for the other side to do.")
    if acts[act]:
        raise WrongMoment(acts[act])


def ask_sponsorship(*, by, project: Project, programme: Programme, note: str = "") -> Draw:
    """Ask `programme` to pay its share of `project`; one request at a time.

    A programme that approves by its rules answers at once. Raises `NotAllowed`, `WrongMoment`, `Invalid`.
    """
    if len(note) > MAX_NOTE:
        raise Invalid({"note": [f"Keep it under {MAX_NOTE} characters."]})
    with transaction.atomic():
        row = (
            Project.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=project.pk)
        )
        _insist(by, row, "ask")
        wallet = money.lock_wallet(programme.wallet)
        programme = Programme.objects.select_related("wallet__school", "wallet__organisation").get(
            pk=programme.pk
        )
        if reason := rules.why_closed(programme):
            raise WrongMoment(reason)
        if problems := rules.why_not_project(programme, row):
            raise Invalid({"programme": problems})
        try:
            with transaction.atomic():
                draw = Draw.objects.create(
                    project=row,
                    programme=programme,
                    share_bp=programme.share_bp,
                    note=note.strip(),
                    asked_by=by,
                )
        except IntegrityError as error:
            raise WrongMoment("Sponsorship has been asked for.") from error
        record(draw, draw.state, by=by, note=note.strip())
        if programme.approval == Programme.Approval.RULES and _amount(draw, wallet):
            _approve(draw, wallet, by=None)
        else:
            notices.asked(draw)
    return draw


def _amount(draw: Draw, wallet) -> int:
    return rules.amount_for(draw, draw.project, free=queries.free(wallet))


def _approve(draw: Draw, wallet, *, by) -> None:
    amount = _amount(draw, wallet)
    if not amount:
        raise WrongMoment(
            "Nothing is free for this: the budget or the wallet is used up, or promised to others."
        )
    move(
        draw,
        DrawState.APPROVED,
        by=by,
        note=show(amount, wallet.currency),
        promised=amount,
        decided_by=by,
        decided_at=clock.now(),
    )
    notices.answered(draw)


def _locked(draw: Draw):
    """Project, wallet and draw, locked in that order."""
    project = (
        Project.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=draw.project_id)
    )
    wallet = money.lock_wallet(draw.programme.wallet)
    row = (
        Draw.objects.select_for_update(of=("self",))
        .select_related("programme__wallet__school", "programme__wallet__organisation")
        .get(pk=draw.pk)
    )
    row.project = project
    return wallet, row


def approve_draw(*, by, draw: Draw) -> Draw:
    """Say yes: the amount is set aside until the project hires somebody whom the programme is for."""
    with transaction.atomic():
        wallet, row = _locked(draw)
        _insist(by, row, "approve")
        if problems := rules.why_not_project(row.programme, row.project):
            raise WrongMoment(" ".join(problems))
        _approve(row, wallet, by=by)
    return row


def decline_draw(*, by, draw: Draw, reason: str) -> Draw:
    """Say no, with a reason that the employer reads."""
    if not reason.strip() or len(reason) > MAX_NOTE:
        raise Invalid({"reason": [f"Say why, in at most {MAX_NOTE} characters."]})
    with transaction.atomic():
        _, row = _locked(draw)
        _insist(by, row, "decline")
        move(
            row,
            DrawState.DECLINED,
            by=by,
            note=reason.strip(),
            answer=reason.strip(),
            decided_by=by,
            decided_at=clock.now(),
        )
        notices.answered(row)
    return row


def withdraw_request(*, by, draw: Draw) -> Draw:
    """The employer does without: what was set aside is free again."""
    with transaction.atomic():
        _, row = _locked(draw)
        _insist(by, row, "withdraw")
        move(row, DrawState.WITHDRAWN, by=by, promised=0)
    return row
