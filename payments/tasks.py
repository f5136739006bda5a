"""The app's Celery tasks, by room."""

from .books.tasks import issue_documents  # noqa: F401
from .disputes.tasks import disputes_clock  # noqa: F401
from .holds.tasks import hold_limits, release_due, retry_waiting  # noqa: F401
from .reconciling.tasks import reconcile, reconcile_full  # noqa: F401
from .stripe.tasks import drain_calls, drain_events, poll_events, scrub  # noqa: F401
from .wallets.tasks import look_at_wallets  # noqa: F401
