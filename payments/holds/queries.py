"""Reads of secured money: for a person, a payer, a project's page, a receipt."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch, Q, Sum
from django.urls import reverse

from accounts.employers.models import Membership
from marketplace.ground.money import show

from ..connect.queries import payee_of
from ..connect.states import ACTIVE
from .figures import fee_on, figures_of, pay_in_order  # noqa: F401
from .models import Funding, Hold, Part, Refund, RefundLine, Release
from .recovery import Receivable
from .states import FAILED as REFUND_FAILED
from .states import (
    FUNDED,
    OWED,
    PART_WORDS,
    PENDING,
    QUEUED,
    RELEASE_WAITING,
    RETURNED,
    SENT,
    SUCCEEDED,
    WAITING_PAYEE,
)

BANNERS = {
    "none": ("Set up payouts", "Do this once before your first release. It takes about five minutes."),
    "onboarding": ("Finish your payout set-up", "Stripe has not got everything it needs yet."),
    "restricted": ("Stripe needs something from you", "Until it has it, released money waits for you."),
    "closed": ("Your Stripe account is closed", "Open a new one, and released money goes there."),
    "active": ("Stripe is looking at your account", "Released money goes as soon as Stripe lets it."),
    "review": (
        "Stripe is checking what you gave it",
        "There is nothing for you to do. Released money goes the moment Stripe is done.",
    ),
}


def visible_to(user):
    """The holds that `user` may see: as the one who is paid, as a member of who pays, or as a moderator."""
    if not user.is_authenticated:
        return Hold.objects.none()
    if user.is_staff:
        return Hold.objects.all()
    mine = Membership.objects.filter(user=user).values("organisation__public_id")
    return Hold.objects.filter(
        Q(payee__user=user) | Q(payer_ref__in=mine) | Q(parts__payee__user=user)
    ).distinct()


def with_parts(holds):
    """`holds` with everything that statuses, figures and pages read, in a constant number of queries."""
    parts = (
        Part.objects.select_related("lot__wallet__school", "lot__wallet__organisation")
        .order_by("position")
        .prefetch_related(
            Prefetch("releases", Release.objects.select_related("payout")),
            Prefetch("refund_lines", RefundLine.objects.select_related("refund")),
            "returns",
            "frozen_lines",
        )
    )
    return holds.select_related("payee").prefetch_related(Prefetch("parts", parts))


def hold_for(ref: str) -> Hold | None:
    return with_parts(Hold.objects.filter(ref=ref)).first()


def parts_for(hold_ref: str, part_ref: str) -> list[Part]:
    """All parts of one milestone: one for each source of its money."""
    return list(
        Part.objects.select_related("hold", "lot")
        .filter(hold__ref=hold_ref, ref=part_ref)
        .order_by("position")
    )


@dataclass(frozen=True)
class Division:
    """What becomes of a milestone's money when the student gets `pays` of its net. Minor units."""

    pays: int
    fee: int
    refunds: int  # back to the payer, fee included
    returns: int  # back to the sponsors


def division(parts: list[Part], pays: int) -> Division:
    """What `actions.cancel_parts` would do with `parts`, all of them held still; `pays` from 0 to their net."""
    fee = refunds = returns = 0
    currency = parts[0].hold.currency
    shares = pay_in_order([(part, part.net) for part in parts], pays, currency)
    for part, share in zip(parts, shares, strict=True):
        mine = fee_on(part.fee, part.net, share, currency) if share else 0
        fee += mine
        back = part.price - share - mine
        returns, refunds = (returns + back, refunds) if part.lot_id else (returns, refunds + back)
    return Division(pays, fee, refunds, returns)


#: From the least done to the most: what is said of a milestone is what its slowest part says.
_PROGRESS = list(PART_WORDS)


@dataclass(frozen=True)
class Share:
    """The money of one milestone, from all its sources together. Amounts in minor units."""

    ref: str
    parts: list[Part]

    @property
    def price(self) -> int:
        return sum(part.price for part in self.parts)

    @property
    def fee(self) -> int:
        return sum(part.fee for part in self.parts)

    @property
    def net(self) -> int:
        return self.price - self.fee

    @property
    def sponsored(self) -> int:
        return sum(part.price for part in self.parts if part.lot_id)

    @property
    def status(self) -> str:
        return min((part.status for part in self.parts), key=_PROGRESS.index)

    @property
    def status_words(self) -> str:
        return PART_WORDS[self.status]


def shares_of(hold: Hold) -> dict[str, Share]:
    """The shares of a hold from `with_parts`, by ref, in order."""
    found: dict[str, Share] = {}
    for part in hold.parts.all():
        part.hold = hold
        found.setdefault(part.ref, Share(part.ref, [])).parts.append(part)
    return found


def together(release: Release) -> list[Release]:
    """The releases of the same milestone to the same person, from every source, in order: what they are told of as
    one. Without those that were stopped or taken back.
    """
    rows = Release.objects.filter(
        Q(state__in=RELEASE_WAITING) | Q(state=SENT),
        part__hold=release.part.hold_id,
        part__ref=release.part.ref,
        part__payee=release.part.payee_id,
    )
    return list(rows.order_by("id"))


def earnings_of(user):
    """What was released to `user` or is on its way there, newest first."""
    return (
        Release.objects.filter(Q(state__in=RELEASE_WAITING) | Q(state=SENT), part__payee__user=user)
        .select_related("part__hold", "payout")
        .order_by("-created_at", "-id")
    )


@dataclass(frozen=True)
class Line:
    ref: str
    name: str
    price: int
    fee: int
    net: int
    released: int
    refunded: int
    status_words: str
    released_at: datetime | None


@dataclass(frozen=True)
class ReceiptData:
    """What a receipt says of the payer's money. Amounts in minor units of `currency`.

    What sponsors pay is not in it, but for `sponsored`, their sum.
    """

    number: str
    issued_at: datetime
    description: str
    currency: str
    lines: list[Line]
    price: int
    fee: int
    net: int
    sponsored: int
    released: int
    released_net: int
    fee_kept: int
    refunded: int
    paid_at: datetime
    method: str
    refunds: list[Refund]

    @property
    def pay(self) -> int:
        """All of the student's pay, what sponsors bring included."""
        return self.net + self.sponsored


def receipt_for(hold: Hold, names: dict[str, str] | None = None) -> ReceiptData | None:
    """The numbered receipt of `hold`; None before its payer has paid. names: what people call the
    parts, by ref.
    """
    full = with_parts(Hold.objects.filter(pk=hold.pk)).select_related("receipt").first()
    receipt = getattr(full, "receipt", None)
    if receipt is None:
        return None
    parts = [part for part in full.parts.all() if not part.lot_id]
    for part in parts:
        part.hold = full
    paid = Funding.objects.get(hold=full, state=FUNDED, extra=False)
    releases = [part.release for part in parts if part.release and part.release.state == SENT]
    refunds = list(full.refunds.filter(state__in=(QUEUED, PENDING, SUCCEEDED, RETURNED), funding=paid))
    return ReceiptData(
        number=receipt.number,
        issued_at=receipt.issued_at,
        description=full.description,
        currency=full.currency,
        lines=[_line(part, (names or {}).get(part.ref)) for part in parts],
        price=full.due,
        fee=full.fee,
        net=full.due - full.fee,
        sponsored=full.sponsored,
        released=sum(release.gross for release in releases),
        released_net=sum(release.net for release in releases),
        fee_kept=sum(release.fee for release in releases),
        refunded=sum(refund.amount for refund in refunds),
        paid_at=paid.funded_at,
        method=paid.method,
        refunds=refunds,
    )


def _line(part: Part, name: str | None) -> Line:
    release = part.release
    sent = release if release and release.state == SENT else None
    return Line(
        ref=part.ref,
        name=name or f"Part {part.position + 1}",
        price=part.price,
        fee=part.fee,
        net=part.net,
        released=sent.net if sent else 0,
        refunded=sum(line.amount for line in part.refund_lines.all() if line.refund.state != REFUND_FAILED),
        status_words=part.status_words,
        released_at=sent.sent_at if sent else None,
    )


def owed_by_user(user):
    """What `user` still has to repay from their next releases, oldest first, at most 20."""
    return Receivable.objects.filter(payee__user=user, state=OWED).order_by("id")[:20]


def payout_banner(user) -> dict | None:
    """What a student should know about their payout set-up; None when all is well.

    state: of the account. waiting: net minor units that wait for it. title, text, url: to be shown.
    """
    payee = payee_of(user)
    stuck = (
        Release.objects.filter(part__payee=payee, state=WAITING_PAYEE)
        .values("currency")
        .annotate(total=Sum("net"))
        .order_by("-total")
        .first()
    )
    waiting, currency = (stuck["total"], stuck["currency"]) if stuck else (0, "USD")
    if payee.state == ACTIVE and not waiting:
        return None
    title, text = BANNERS["review" if payee.in_review else payee.state]
    if waiting:
        what = "Stripe’s check" if payee.in_review else "your payout set-up"
        title = f"{show(waiting, currency)} waits for {what}"
    return {
        "state": payee.state,
        "waiting": waiting,
        "currency": currency,
        "title": title,
        "text": text,
        "url": reverse("payments:payouts"),
    }
