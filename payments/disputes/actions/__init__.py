"""The verbs of questioned payments. What happened is what Stripe says when it is asked; what to do is a moderator's."""

from .deciding import stop_release, take_back_for
from .evidence import draft_evidence, save_evidence, submit_evidence
from .syncing import apply_dispute, sync_dispute, sync_open_disputes
from .warnings import dismiss_warning, refund_warned, sync_warning

__all__ = [
    "apply_dispute",
    "dismiss_warning",
    "draft_evidence",
    "refund_warned",
    "save_evidence",
    "stop_release",
    "submit_evidence",
    "sync_dispute",
    "sync_open_disputes",
    "sync_warning",
    "take_back_for",
]
