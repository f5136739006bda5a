"""The verbs of working together. Everything locks in the order project, application, engagement, milestone, hold."""

from .answering import approve_all, approve_milestone, request_changes
from .delivering import kick_off, submit_work
from .ending import cancel_by_clock, cancel_engagement, end_unpaid, settle_cancellation
from .extending import answer_extension, ask_extension
from .pausing import approve_by_moderator, give_time_back
from .settling import end_if_settled, settle_milestone, start_clocks, stop_clocks

__all__ = [
    "answer_extension",
    "approve_all",
    "approve_by_moderator",
    "approve_milestone",
    "ask_extension",
    "cancel_by_clock",
    "cancel_engagement",
    "end_if_settled",
    "end_unpaid",
    "give_time_back",
    "kick_off",
    "request_changes",
    "settle_cancellation",
    "settle_milestone",
    "start_clocks",
    "stop_clocks",
    "submit_work",
]
