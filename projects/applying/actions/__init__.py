"""The verbs of applying: what students and employers do with applications, and how everybody gets an answer."""

from .answering import (
    close_window,
    decline_rest,
    draw_lot,
    expire_rest,
    reopen_for_reserve,
    shift_answer_clock,
)
from .common import back_to_shortlist, finish, lock, put_forward, step_back
from .employer import (
    MAX_NOTE,
    decline_application,
    hide_names,
    open_application,
    shortlist,
    unshortlist,
)
from .student import (
    MAX_PITCH,
    MAX_WORDS,
    agree_reserve,
    save_application,
    submit_application,
    withdraw_application,
)

__all__ = [
    "MAX_NOTE",
    "MAX_PITCH",
    "MAX_WORDS",
    "agree_reserve",
    "back_to_shortlist",
    "close_window",
    "decline_application",
    "decline_rest",
    "draw_lot",
    "expire_rest",
    "finish",
    "hide_names",
    "lock",
    "open_application",
    "put_forward",
    "reopen_for_reserve",
    "save_application",
    "shift_answer_clock",
    "shortlist",
    "step_back",
    "submit_application",
    "unshortlist",
    "withdraw_application",
]
