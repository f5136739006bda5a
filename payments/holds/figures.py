"""Where the money of a hold is, in figures that add up."""

from collections import defaultdict

from django.db.models import Q

from ..connect.states import PAID
from .models import Part, RefundLine, Release
from .states import RELEASE_WAITING, SECURED, SENT, SETTLED, SUCCEEDED

FIGURES = (
    "price",
    "fee",
    "net",
    "secured",
    "held",
    "releasing",
    "released",
    "paid_out",
    "refunding",
    "refunded",
    "net_held",
    "net_releasing",
    "net_released",
    "net_paid_out",
)


def figures_of(holds) -> dict[int, dict]:
    """Where the money of each hold is, minor units, by hold id; three queries however many holds.

    price, fee, net: what was agreed. Gross, as the payer sees it: secured = held + releasing + released +
    refunding
    + refunded; paid_out is part of released. For the student: net_held, net_releasing, net_released,
    net_paid_out.
    """
    ids = [hold.pk for hold in holds]
    releases, lines = defaultdict(list), defaultdict(list)
    counted = Q(state__in=RELEASE_WAITING) | Q(state=SENT)
    for release in Release.objects.filter(counted, part__hold__in=ids).select_related("payout"):
        releases[release.part_id].append(release)
    for line in RefundLine.objects.filter(part__hold__in=ids).select_related("refund"):
        lines[line.part_id].append(line)
    parts = defaultdict(list)
    for part in Part.objects.filter(hold__in=ids):
        parts[part.hold_id].append(part)
    return {hold.pk: _figures(hold, parts[hold.pk], releases, lines) for hold in holds}


def _figures(hold, parts, releases, lines) -> dict:
    found = dict.fromkeys(FIGURES, 0)
    found.update(price=hold.price, fee=hold.fee, net=hold.net)
    if hold.state not in (SECURED, SETTLED):
        return found
    found["secured"] = hold.price
    for part in parts:
        left = part.price
        for release in releases[part.pk]:
            left -= release.gross
            where = "released" if release.state == SENT else "releasing"
            found[where] += release.gross
            found[f"net_{where}"] += release.net
            if release.payout and release.payout.state == PAID:
                found["paid_out"] += release.gross
                found["net_paid_out"] += release.net
        for line in lines[part.pk]:
            left -= line.amount
            found["refunded" if line.refund.state == SUCCEEDED else "refunding"] += line.amount
        found["held"] += left
        found["net_held"] += part.net if left == part.price else 0
    return found


def fee_on(fee: int, net: int, paid: int) -> int:
    """The part of `fee` that is due when only `paid` of `net` is paid: in proportion, rounded half to even."""
    due, rest = divmod(fee * paid, net)
    if 2 * rest > net or (2 * rest == net and due % 2):
        due += 1
    return due
