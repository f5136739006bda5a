"""The verbs of a posting: from the first draft to the day it closes."""

from .asking import lock_project, may_be_told
from .closing import close_empty, close_project, extend_window, set_window
from .drafting import duplicate_project, save_draft, start_project, use_template
from .moderating import lift_strike, pause_project, publish_project, remove_project, resume_project, send_back
from .sending import send_project, take_back

__all__ = [
    "close_empty",
    "close_project",
    "duplicate_project",
    "extend_window",
    "lift_strike",
    "lock_project",
    "may_be_told",
    "pause_project",
    "publish_project",
    "remove_project",
    "resume_project",
    "save_draft",
    "send_back",
    "send_project",
    "set_window",
    "start_project",
    "take_back",
    "use_template",
]
