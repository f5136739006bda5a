"""The books against Stripe: what differs is shown with a cause and an age, never hidden, and clears itself.

The ledger can be perfectly balanced and still wrong about the world; only this comparison would show it.
"""

import logging
from datetime import timedelta

from django.db import transaction

from marketplace.ground import clock
from marketplace.ground.errors import Invalid, NotAllowed, WrongMoment
from marketplace.ground.money import show
from marketplace.ground.nudge import nudge
from marketplace.ground.states import record

from ..ledger.actions import post
from ..ledger.chart import code
from ..stripe import alarms, gateway
from ..stripe.actions import stopping
from ..stripe.models import BalanceLine, Cursor, Reconciliation
from . import books, lines, objects
from .findings import Finding
from .models import Difference

log = logging.getLogger(__name__)

PATIENCE = timedelta(hours=1)
BACK = timedelta(days=3)  # Stripe may list a line a little late
FULL_BACK = timedelta(days=100)  # longer than a dispute or a returned refund takes
TRIES = 3
#: Where an unexplained line may be booked.
ACCOUNTS = ("stripe_fee", "dispute_fee", "dispute_loss", "bad_debt", "platform_fee", "bank")


def run(patience: timedelta = PATIENCE, *, full: bool = False) -> Reconciliation:
    """Compare everything new (`full`: all of the last 100 days) and keep the result. Raises `gateway.StripeTrouble`.

    patience: money younger than this may still be on its way into the books and is not yet a difference.
    """
    start = clock.now()
    old, cursor = start - patience, Cursor.objects.filter(name="balance").first()
    since = cursor.at - (FULL_BACK if full else BACK) if cursor else None
    rows, findings, standing = _read(since)
    findings += lines.match(old, start)
    found, wrong = _compared()
    findings += [*lines.ghosts(old), *wrong, *_standing(found, standing)]
    from_objects, read = objects.compare(_objects_since(since, start), old)
    findings += [*from_objects, *books.check(old, full=full)]
    for currency, figures in books.house().items():
        found.setdefault(currency, {}).update(figures)
    result = _keep(findings, start, full=full, lines=len(rows), objects_read=read, sums=found)
    Cursor.objects.update_or_create(name="balance", defaults={"at": start})
    return result


def _read(since):
    """Stripe's lines, and its balance when it did not move meanwhile (else None)."""
    for _ in range(TRIES):
        before = gateway.balance()
        rows = gateway.balance_lines(int(since.timestamp()) if since else 0)
        if gateway.balance() == before:
            return rows, lines.store(rows), before
    return rows, lines.store(rows), None


def _compared():
    """The sums; read again when somebody posted in between."""
    for _ in range(TRIES):
        found = lines.sums()
        wrong = lines.unequal(found)
        if not wrong:
            break
    return found, wrong


def _standing(found, standing) -> list[Finding]:
    """Stripe's own balance, available and pending, is the sum of its lines."""
    if standing is None:
        return []
    findings = []
    for currency in found.keys() | standing.keys():
        sides = standing.get(currency, {"available": 0, "pending": 0})
        row = found.setdefault(currency, {"stripe": 0, "books": 0, "open": 0})
        row.update(sides)
        if sum(sides.values()) != row["stripe"]:
            findings.append(
                Finding(
                    f"standing:{currency}",
                    "Stripe's balance",
                    f"available and pending are {sum(sides.values())}, its lines come to {row['stripe']}",
                    sum(sides.values()) - row["stripe"],
                    currency,
                    serious=True,
                )
            )
    return findings


def _objects_since(since, start):
    """Back to the oldest thing that is still a difference, so that it clears itself once it is right."""
    oldest = Difference.objects.filter(cleared_at=None).exclude(about_at=None).order_by("about_at").first()
    begin = since or start - FULL_BACK
    return min(begin, oldest.about_at) if oldest else begin


def _keep(findings: list[Finding], start, **figures) -> Reconciliation:
    """Write the result down, with the age of what was seen before; alarm about what is new; stop what is serious."""
    findings = list({finding.key: finding for finding in findings}.values())
    with transaction.atomic():
        known = {row.key: row for row in Difference.objects.select_for_update().filter(cleared_at=None)}
        fresh = [_seen(finding, known, start) for finding in findings]
        gone = known.keys() - {finding.key for finding in findings}
        Difference.objects.filter(key__in=gone, cleared_at=None).update(cleared_at=start)
        ages = dict(Difference.objects.filter(cleared_at=None).values_list("key", "first_seen"))
        result = Reconciliation.objects.create(
            at=start, differences=[_shown(finding, ages[finding.key]) for finding in findings], **figures
        )
        new = [finding for finding, is_new in zip(findings, fresh, strict=True) if is_new]
        if new:
            _tell(result, new)
        for currency in sorted({one.currency for one in findings if one.serious}):
            first = next(one for one in findings if one.serious and one.currency == currency)
            stopping.stop(currency=currency, why=f"{first.what}: {first.cause}")
    return result


def _seen(finding: Finding, known, start) -> bool:
    """Keep one finding; True when it is new."""
    values = {
        "what": finding.what[:200],
        "cause": finding.cause[:300],
        "amount": finding.amount,
        "currency": finding.currency,
        "serious": finding.serious,
        "about_at": finding.at,
        "last_seen": start,
    }
    if finding.key in known:
        Difference.objects.filter(pk=known[finding.key].pk).update(**values)
        return False
    Difference.objects.create(key=finding.key[:200], first_seen=start, **values)
    return True


def _shown(finding: Finding, first_seen) -> dict:
    return {
        "key": finding.key,
        "what": finding.what,
        "cause": finding.cause,
        "amount": finding.amount,
        "currency": finding.currency,
        "serious": finding.serious,
        "since": first_seen.isoformat(),
    }


def _tell(result: Reconciliation, new: list[Finding]) -> None:
    log.error("the books and Stripe differ in %s new points", len(new))
    words = [
        f"{one.what}: {one.cause}" + (f" ({show(one.amount, one.currency)})" if one.currency else "")
        for one in new[:20]
    ]
    alarms.raise_alarm(
        result,
        f"The books and Stripe differ in {len(new)} new point{'' if len(new) == 1 else 's'}",
        "\n\n".join(words),
    )


def ask_for_run(*, by, thing: Reconciliation) -> None:
    """A moderator wants to know now: a worker compares everything."""
    if not by.is_staff:
        raise NotAllowed("Only a moderator can do this.")
    record(thing, "asked", by=by)
    nudge("payments.reconcile_full")


def explain_line(*, by, line: BalanceLine, account: str, why: str) -> None:
    """Book a line that nobody asked for where it belongs, with a name and a reason to it.

    Raises `WrongMoment` when it is explained already, `Invalid` without a reason or for another account.
    """
    if not by.is_staff:
        raise NotAllowed("Only a moderator can do this.")
    if account not in ACCOUNTS:
        raise Invalid({"account": ["Choose one of the accounts."]})
    if not why.strip():
        raise Invalid({"reasons": ["Say why, for the record."]})
    with transaction.atomic():
        row = BalanceLine.objects.select_for_update().get(pk=line.pk)
        if row.matched:
            raise WrongMoment("This line is explained already.")
        lines.to_suspense(row)
        post(
            "adjustment",
            lines.explained_key(row),
            [(code("suspense", row.currency), row.net), (code(account, row.currency), -row.net)],
            currency=row.currency,
            ref=f"line:{row.stripe_id}",
            note=f"{by.pk}: {why}"[:200],
        )
        BalanceLine.objects.filter(pk=row.pk).update(matched=True)
        record(row, "explained", by=by, reason=account, note=why)
