"""What a cancellation comes to, in minor units. `parts` are (net, fee) of what is not released yet, in order."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

from payments.holds.figures import fee_on

from .models import Cancellation

Basis = Cancellation.Basis
MINIMUM_BP = 2500  # of the unreleased net, when the employer cancels after kick-off


@dataclass(frozen=True)
class Split:
    """`pays` is net to the student, `fee` the platform's fee on it, `refunds` what goes back to the employer."""

    approved: int  # net the student already has by approval
    unreleased: int  # net that is not released yet
    pays: int
    fee: int
    refunds: int
    basis: str


def share(amount: int, part, whole) -> int:
    """`amount` x part / whole in minor units, rounded half to even."""
    return int(
        (Decimal(amount) * Decimal(part) / Decimal(whole)).quantize(Decimal(1), rounding=ROUND_HALF_EVEN)
    )


def settle(approved: int, parts: Sequence[tuple[int, int]], pays: int, basis: str) -> Split:
    """Pay `pays` of the unreleased net from the parts in order, the fee only on what is paid; the rest goes back."""
    unreleased = sum(net for net, _ in parts)
    pays = min(pays, unreleased)
    left, fees = pays, 0
    for net, fee in parts:
        paid = min(net, left)
        fees += fee_on(fee, net, paid)
        left -= paid
    refunds = unreleased + sum(fee for _, fee in parts) - pays - fees
    return Split(approved, unreleased, pays, fees, refunds, basis if pays else Basis.NOTHING)


def employer_cancels(
    approved: int, parts: Sequence[tuple[int, int]], submitted: int, elapsed: float
) -> Split:
    """After kick-off, by the employer: of the unreleased net the greatest of submitted work, elapsed time and 25 %.

    submitted: net of the milestones that were handed in and are not approved. elapsed: share of the time, 0 to 1.
    """
    unreleased = sum(net for net, _ in parts)
    options = [
        (submitted, Basis.SUBMITTED),
        (share(unreleased, str(max(0.0, min(1.0, elapsed))), 1), Basis.ELAPSED),
        (share(unreleased, MINIMUM_BP, 10_000), Basis.MINIMUM),
    ]
    pays, basis = max(options, key=lambda option: option[0])
    return settle(approved, parts, pays, basis)


def student_cancels(approved: int, parts: Sequence[tuple[int, int]]) -> Split:
    """After kick-off, by the student: approved work only."""
    return settle(approved, parts, 0, Basis.NOTHING)


def never_started(parts: Sequence[tuple[int, int]], penalty_bp: int) -> Split:
    """Before kick-off everything goes back, less `penalty_bp` of the net when the employer was the cause."""
    return settle(0, parts, share(sum(net for net, _ in parts), penalty_bp, 10_000), Basis.KICKOFF)
