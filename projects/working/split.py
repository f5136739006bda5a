"""What a cancellation comes to, in minor units.

`parts` are (net, fee) or (net, fee, sponsored) of what is not released yet, in order; a sponsor pays `sponsored` of the
net, and the fee is on the rest.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from marketplace.ground import money
from payments.holds.figures import fee_on

from .models import Cancellation

Basis = Cancellation.Basis
MINIMUM_BP = 2500  # of the unreleased net, when the employer cancels after kick-off


@dataclass(frozen=True)
class Split:
    """`pays` is net to the student, `fee` the platform's fee on it, `refunds` what goes back to the employer, and
    `returns` what goes back to the sponsor.
    """

    approved: int  # net the student already has by approval
    unreleased: int  # net that is not released yet
    pays: int
    fee: int
    refunds: int
    basis: str
    returns: int = 0


def share(amount: int, part, whole, currency: str) -> int:
    """`amount` x part / whole in minor units, rounded half to even to whole steps of the currency."""
    return money.rounded(Decimal(amount) * Decimal(part) / Decimal(whole), currency)


def settle(approved: int, parts: Sequence[tuple[int, ...]], pays: int, basis: str, currency: str) -> Split:
    """Pay `pays` of the unreleased net from the parts in order, by each source in proportion; the rest goes back."""
    rows = [(net, fee, more[0] if more else 0) for net, fee, *more in parts]
    unreleased = sum(net for net, _, _ in rows)
    pays = min(pays, unreleased)
    left, fees, returns = pays, 0, 0
    for net, fee, sponsored in rows:
        paid = min(net, left)
        theirs, own = money.split(paid, [sponsored, net - sponsored], currency) if paid else (0, 0)
        fees += fee_on(fee, net - sponsored, own, currency) if own else 0
        returns += sponsored - theirs
        left -= paid
    refunds = unreleased + sum(fee for _, fee, _ in rows) - pays - fees - returns
    return Split(approved, unreleased, pays, fees, refunds, basis if pays else Basis.NOTHING, returns)


def employer_cancels(
    approved: int, parts: Sequence[tuple[int, ...]], submitted: int, elapsed: float, currency: str
) -> Split:
    """After kick-off, by the employer: of the unreleased net the greatest of submitted work, elapsed time and 25 %.

    submitted: net of the milestones that were handed in and are not approved. elapsed: share of the time, 0 to 1.
    """
    unreleased = sum(part[0] for part in parts)
    options = [
        (submitted, Basis.SUBMITTED),
        (share(unreleased, str(max(0.0, min(1.0, elapsed))), 1, currency), Basis.ELAPSED),
        (share(unreleased, MINIMUM_BP, 10_000, currency), Basis.MINIMUM),
    ]
    pays, basis = max(options, key=lambda option: option[0])
    return settle(approved, parts, pays, basis, currency)


def student_cancels(approved: int, parts: Sequence[tuple[int, ...]], currency: str) -> Split:
    """After kick-off, by the student: approved work only."""
    return settle(approved, parts, 0, Basis.NOTHING, currency)


def never_started(parts: Sequence[tuple[int, ...]], penalty_bp: int, currency: str) -> Split:
    """Before kick-off everything goes back, less `penalty_bp` of the net when the employer was the cause."""
    pays = share(sum(part[0] for part in parts), penalty_bp, 10_000, currency)
    return settle(0, parts, pays, Basis.KICKOFF, currency)
