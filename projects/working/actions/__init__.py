"""The verbs of working together. Everything locks in the order project, application, engagement, milestone, hold."""

from .answering import approve_all, approve_milestone, request_changes
from .delivering import kick_off, submit_work
from .ending import cancel_by_clock, cancel_engagement, settle_cancellation
from .extending import answer_extension, ask_extension

__all__ = [
    "answer_extension",
    "approve_all",
    "approve_milestone",
    "ask_extension",
    "cancel_by_clock",
    "cancel_engagement",
    "kick_off",
    "request_changes",
    "settle_cancellation",
    "submit_work",
]
