"""Where the money of a hold is, in figures that add up."""

from collections import defaultdict

from django.db.models import Q

from marketplace.ground.money import split, step

from ..connect.states import PAID
from .models import Part, RefundLine, Release
from .recovery import FrozenLine, Reversal
from .sponsors import SponsorReturn
from .states import FROZEN, REFUND_DONE, RELEASE_WAITING, REVERSED, SECURED, SENT, SETTLED, THAWED

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
    "disputed",
    "recovered",
    "charged_back",
    "net_disputed",
    "sponsored",
    "returned",
    "net_held",
    "net_releasing",
    "net_released",
    "net_paid_out",
)


def figures_of(holds) -> dict[int, dict]:
    """Where the money of each hold is, minor units, by hold id; five queries however many holds, and one more
    where sponsors pay.

    price, fee, net: what was agreed; sponsored: of the price, paid by sponsors. Gross, as those who pay see it:
    secured = held + releasing + released + refunding + refunded + returned + disputed + recovered +
    charged_back. paid_out is part of released; returned: back with the sponsors; disputed: left in the hold and
    claimed by the payer's bank; recovered: taken back from the student, not yet with anybody; charged_back: what
    the bank took for good (what a lost dispute cost the platform is in neither). For the student: net_held,
    net_releasing, net_released, net_paid_out.
    """
    ids = [hold.pk for hold in holds]
    releases, lines, frozen, back = (defaultdict(list) for _ in range(4))
    counted = Q(state__in=(*RELEASE_WAITING, SENT, REVERSED))
    for release in Release.objects.filter(counted, part__hold__in=ids).select_related("payout"):
        releases[release.part_id].append(release)
    counted = Q(refund__replacement=None)  # one that was sent again counts where it went then
    for line in RefundLine.objects.filter(counted, part__hold__in=ids).select_related("refund"):
        lines[line.part_id].append(line)
    for line in FrozenLine.objects.filter(part__hold__in=ids).exclude(state=THAWED):
        frozen[line.part_id].append(line)
    for reversal in Reversal.objects.filter(release__part__hold__in=ids, gone_to__in=("", "bank")).filter(
        Q(state=SENT) | Q(receivable__isnull=False)
    ):
        back[reversal.release_id].append(reversal)
    returned = _returned(holds)
    parts = defaultdict(list)
    for part in Part.objects.filter(hold__in=ids):
        parts[part.hold_id].append(part)
    return {
        hold.pk: _figures(hold, parts[hold.pk], releases, lines, frozen, back, returned) for hold in holds
    }


def _returned(holds) -> dict[int, int]:
    """What went back to sponsors, by part id."""
    found = defaultdict(int)
    if ids := [hold.pk for hold in holds if hold.sponsored]:
        rows = SponsorReturn.objects.filter(part__hold__in=ids)
        for part_id, amount in rows.values_list("part", "amount"):
            found[part_id] += amount
    return found


def _figures(hold, parts, releases, lines, frozen, back, returned) -> dict:
    found = dict.fromkeys(FIGURES, 0)
    found.update(price=hold.price, fee=hold.fee, net=hold.net, sponsored=hold.sponsored)
    if hold.state not in (SECURED, SETTLED):
        return found
    found["secured"] = hold.price
    for part in parts:
        left = part.price - returned[part.pk]
        found["returned"] += returned[part.pk]
        for release in releases[part.pk]:
            gross, net = release.gross - release.taken_net - release.taken_fee, release.kept_net
            left -= gross
            where = "releasing" if release.state in RELEASE_WAITING else "released"
            found[where] += gross
            found[f"net_{where}"] += net
            if release.payout and release.payout.state == PAID:
                found["paid_out"] += gross
                found["net_paid_out"] += net
            for reversal in back[release.pk]:
                left -= reversal.gross
                found["charged_back" if reversal.gone_to else "recovered"] += reversal.gross
        for line in lines[part.pk]:
            left -= line.amount
            found["refunded" if line.refund.state in REFUND_DONE else "refunding"] += line.amount
        for line in frozen[part.pk]:
            left -= line.amount
            found["disputed" if line.state == FROZEN else "charged_back"] += line.amount
            if line.state == FROZEN:
                found["net_disputed"] += line.amount - fee_on(
                    part.fee, part.price, line.amount, hold.currency
                )
        found["held"] += left
        found["net_held"] += part.net if left == part.price else 0
    return found


def pay_in_order(parts, net: int, currency: str) -> list[int]:
    """`net` shared out over `parts` ((part, net that it can pay) pairs): one milestone after the other, and within
    one by every source in proportion, sponsors and payer first, then the sponsors' lots among themselves.
    """
    pays = [0] * len(parts)
    for ref in dict.fromkeys(part.ref for part, _ in parts):
        places = [place for place, (part, _) in enumerate(parts) if part.ref == ref]
        lots = [place for place in places if parts[place][0].lot_id]
        own = [place for place in places if not parts[place][0].lot_id]
        most = [sum(parts[place][1] for place in side) for side in (lots, own)]
        now = min(net, sum(most))
        net -= now
        for side, share in zip((lots, own), split(now, most, currency) if now else (0, 0), strict=True):
            if share:
                for place, pay in zip(
                    side, split(share, [parts[at][1] for at in side], currency), strict=True
                ):
                    pays[place] = pay
    return pays


def fee_on(fee: int, whole: int, paid: int, currency: str) -> int:
    """The part of `fee` that is due when only `paid` of `whole` is paid: in proportion, rounded half to even to
    whole steps of the currency.
    """
    unit = step(currency)
    due, rest = divmod(fee * paid, whole * unit)
    if 2 * rest > whole * unit or (2 * rest == whole * unit and due % 2):
        due += 1
    return due * unit
