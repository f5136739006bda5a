"""What the two sides do: open, answer, accept the other's amount, withdraw."""

from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction

from marketplace.ground import calendar, clock
from marketplace.ground.errors import Invalid, WrongMoment
from marketplace.ground.states import move, record
from projects.hiring.models import Milestone
from projects.working import actions as working
from projects.working import clocks
from projects.working import queries as work
from projects.working.actions.common import lock_milestone
from projects.working.files import kept_files

from .. import notices, queries
from ..inputs import clean_statement
from ..models import Dispute, Statement, StatementFile
from ..states import DisputeState
from .ending import lock, release_clocks, settle

D, Kind = DisputeState, Statement.Kind
AT_LEAST = timedelta(hours=24)  # to look at the other side's amount, however late it was named


def open_dispute(*, by, milestone: Milestone, amount: int, text: str, files: Sequence = ()) -> Dispute:
    """Open a dispute about the held money of a milestone; every clock of the engagement stops.

    amount: what the student should get of it, net, minor units. text: why. files: `UploadedFile`s, at most 10.
    Raises `NotAllowed`, `WrongMoment`, `Invalid`.
    """
    queries.insist(by, work.fresh(milestone), "dispute")
    amount, text, named = clean_statement(milestone, "opening", amount=amount, text=text, files=files)
    with kept_files(StatementFile, "statement") as keep, transaction.atomic():
        row = lock_milestone(milestone)
        queries.insist(by, row, "dispute")
        engagement = row.engagement
        days = timedelta(days=clocks.rule(engagement, "dispute_answer_days"))
        working.stop_clocks(engagement, by=by, milestone=row)
        now = engagement.disputed_at
        dispute = Dispute.objects.create(
            engagement=engagement,
            milestone=row,
            side=work.side_of(by, engagement),
            asked=amount,
            opened_at=now,
            answer_by=calendar.after_quiet(now + days, clocks.zone_of(engagement)),
        )
        record(dispute, dispute.state, by=by)
        _say(dispute, Kind.OPENING, dispute.side, by, amount, text, named, keep)
        notices.tell_opened(dispute)
    return dispute


def _say(dispute, kind, side, by, amount, text, named, keep) -> None:
    said = Statement.objects.create(
        dispute=dispute, kind=kind, side=side, by=by, amount=amount, text=text, at=clock.now()
    )
    for name, upload in named:
        keep(said, name, upload)


def answer_dispute(*, by, dispute: Dispute, amount: int, text: str, files: Sequence = ()) -> Dispute:
    """The other side names an amount of its own, and says why. The very amount that was asked settles it at once.

    Raises `NotAllowed`, `WrongMoment`, `Invalid`.
    """
    queries.insist(by, queries.fresh(dispute), "answer")
    amount, text, named = clean_statement(dispute.milestone, "answer", amount=amount, text=text, files=files)
    with kept_files(StatementFile, "statement") as keep, transaction.atomic():
        row = lock(dispute)
        queries.insist(by, row, "answer")
        if amount == row.asked:
            queries.insist(by, row, "accept")
        _say(row, Kind.ANSWER, row.other_side, by, amount, text, named, keep)
        if amount == row.asked:
            settle(row, pays=amount, how=Dispute.How.AGREED, by=by)
            return row
        later = calendar.after_quiet(clock.now() + AT_LEAST, clocks.zone_of(row.engagement))
        move(row, D.ANSWERED, by=by, offered=amount, agree_by=max(row.answer_by, later))
        notices.tell_answered(row)
    return row


def accept_amount(*, by, dispute: Dispute, amount: int) -> Dispute:
    """Accept what the other side named; the money moves at once.

    amount: the one that was seen, so that nobody agrees to another. Raises `NotAllowed`, `WrongMoment`, `Invalid`.
    """
    if type(amount) is not int:
        raise Invalid({"amount": ["Say which amount you accept."]})
    with transaction.atomic():
        row = lock(dispute)
        queries.insist(by, row, "accept")
        if queries.on_the_table(work.side_of(by, row.engagement), row) != amount:
            raise WrongMoment("The amount has changed in the meantime. Look again before you accept it.")
        settle(row, pays=amount, how=Dispute.How.AGREED, by=by)
    return row


def withdraw_dispute(*, by, dispute: Dispute) -> Dispute:
    """The side that opened it takes it back; everything goes on as before. Raises `NotAllowed`, `WrongMoment`."""
    with transaction.atomic():
        row = lock(dispute)
        queries.insist(by, row, "withdraw")
        release_clocks(row, D.WITHDRAWN, by=by)
        notices.tell_withdrawn(row)
    return row
