"""A moderator decides, while the bank does: whether released money is taken back for a dispute."""

from django.db import transaction

from marketplace.ground import policy
from marketplace.ground.errors import Invalid, NotAllowed, WrongMoment
from marketplace.ground.money import show

from ...holds.actions import reversing, stopping
from ...holds.actions.holding import lock_hold
from ...holds.actions.releasing import void_release
from ...holds.models import Release
from ...holds.recovery import Reversal
from ...holds.states import RELEASE_WAITING
from ...ledger.actions import post
from ..models import Dispute
from .money import recovered_for
from .sponsors import ref_of

RULE = (
    "The rules leave approved pay with the student: the platform bears what a lost dispute costs of it. An operator "
    "can change that in the policy."
)


def take_back_refusal(by, dispute: Dispute) -> str | None:
    """None when money may be taken back for `dispute` now, else why not."""
    if dispute.lot_id:
        return "This is a sponsor's payment: students keep what was released of it."
    if dispute.hold_id is None:
        return "This payment pays for no engagement."
    if not dispute.is_open or dispute.taken <= 0:
        return "The bank holds nothing of this payment now."
    return None if policy.current().disputes_from_students else RULE


def take_back_for(*, by, dispute: Dispute, release: Release, amount: int, reason: str) -> Reversal:
    """Take `amount` (gross) of a sent release back, to cover the dispute if it is lost; won, the student gets it
    again. Raises `NotAllowed`, `WrongMoment`, `Invalid`.
    """
    with transaction.atomic():
        hold, row = _locked(by, dispute, release)
        open_ = uncovered(row)
        if type(amount) is int and amount > open_:
            raise Invalid({"amount": [f"{show(open_, row.currency)} of the dispute is not covered yet."]})
        return reversing.take_back(
            hold,
            release,
            amount,
            by=by,
            reason=reason,
            purpose=Reversal.Purpose.DISPUTE,
            dispute_ref=row.stripe_id,
        )


def uncovered(row: Dispute) -> int:
    """What of the dispute neither frozen money nor reversals (asked for or made) would cover, minor units."""
    frozen = row.hold.figures()["disputed"]
    waiting = Reversal.objects.filter(dispute_ref=row.stripe_id, state="queued")
    return max(row.taken - frozen - sum(r.gross for r in [*recovered_for(row), *waiting]), 0)


def stop_release(*, by, dispute: Dispute, release: Release, reason: str) -> None:
    """Take back the approval's money before it has been sent: it is set aside for the dispute instead."""
    with transaction.atomic():
        hold, row = _locked(by, dispute, release)
        release = Release.objects.select_related("part", "call").get(pk=release.pk)
        if release.state not in RELEASE_WAITING:
            raise WrongMoment("This has been sent. It can be taken back instead.")
        void_release(hold, release, by=by, reason=reason)
        entries = stopping.freeze_parts(hold, row, uncovered(row))
        post(
            "dispute_frozen",
            f"dispute:{row.stripe_id}:frozen:{release.uuid}",
            entries,
            currency=row.currency,
            ref=ref_of(row),
            note=reason[:200],
        )


def _locked(by, dispute: Dispute, release: Release):
    if not by.is_staff:
        raise NotAllowed("A moderator decides this.")
    if release.part.hold_id != dispute.hold_id:
        raise Invalid({"release": ["That release is not paid from the disputed payment."]})
    hold = lock_hold(dispute.hold_id)
    row = Dispute.objects.select_for_update().get(pk=dispute.pk)
    if refusal := take_back_refusal(by, row):
        raise WrongMoment(refusal)
    row.hold = hold
    return hold, row
