"""What happens by itself as the shared clock goes on: bank debits arrive, pages expire, payouts go out."""

import logging
import threading

from django.db import DatabaseError, close_old_connections, transaction

from . import carry, store
from .api import accounts, checkout, payouts, refunds
from .models import Thing

log = logging.getLogger(__name__)

#: Held while the background works, so that `reset` can wait for a moment of rest.
AT_WORK = threading.Lock()
WAKE = {
    "checkout.session": checkout.wake,
    "charge": checkout.wake_charge,
    "refund": refunds.wake,
    "v2.core.account": accounts.wake,
    "payout": payouts.wake,
}


def run_for_ever(stop: threading.Event) -> None:
    while not stop.wait(0.3):
        try:
            with AT_WORK:
                tick()
                carry.deliver_due()
        except DatabaseError as error:  # the database restarts, or the tables are not there yet
            log.warning("offline Stripe waits for its database: %s", type(error).__name__)
            stop.wait(1)
        except Exception:
            log.exception("offline Stripe")
        finally:
            close_old_connections()


def tick(*, force=False) -> int:
    """Do what is due by the shared clock; `force` treats whatever is under way as due. Returns how much
    was done.
    """
    if not _due(force).exists():
        return 0
    with transaction.atomic():
        store.lock_everything()
        rows = list(_due(force).order_by("due", "order"))
        for thing in rows:
            WAKE[thing.kind](thing)
    return len(rows)


def _due(force: bool):
    rows = Thing.objects.filter(due__isnull=False)
    if force:  # pages that people may still pay on stay open
        return rows.exclude(kind="checkout.session", data__status="open")
    return rows.filter(due__lte=store.now())
