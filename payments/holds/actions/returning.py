"""What is not used of a sponsored part goes back into the sponsor's wallet, never to anybody's card."""

from ... import signals
from ...ledger.actions import post
from ..models import Hold, Part
from ..sponsors import SponsorReturn


def return_to_sponsors(
    hold: Hold, shares: list[tuple[Part, int]], *, by, reason: str, sources: dict[int, str] | None = None
) -> int:
    """Put (sponsored part, amount) pairs back into the lots that they came from; returns the sum.

    The hold is locked. sources: by part id, the ledger account that the money leaves when that is not the
    part's own (money that was taken back from the student, for example).
    """
    total = 0
    for part, amount in shares:
        part.hold = hold
        row = SponsorReturn.objects.create(part=part, amount=amount, by=by, reason=reason[:200])
        post(
            "returned_to_sponsor",
            f"alloc:{part.uuid}:void:{row.uuid}",
            [((sources or {}).get(part.pk, part.account), amount), (part.lot.account, -amount)],
            currency=hold.currency,
            ref=f"part:{part.uuid}",
            note=hold.description,
        )
        total += amount
    if total:
        signals.returned_to_sponsors.send(sender=Hold, hold=hold, shares=shares, amount=total, reason=reason)
    return total
