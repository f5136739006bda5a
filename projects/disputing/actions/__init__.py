"""The verbs of a dispute. Locks: project, application, engagement, milestones, then the dispute, then the hold."""

from .between import accept_amount, answer_dispute, open_dispute, withdraw_dispute
from .deciding import accept_decision, appeal, decide, pass_to_moderator, settle_decided
from .ending import overtake

__all__ = [
    "accept_amount",
    "accept_decision",
    "answer_dispute",
    "appeal",
    "decide",
    "open_dispute",
    "overtake",
    "pass_to_moderator",
    "settle_decided",
    "withdraw_dispute",
]
