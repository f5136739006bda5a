"""The verbs of sponsoring."""

from .giving import Sponsorship, end_unused, mark_used, quote, take, take_back
from .programmes import ask_money_back, end_programme, pause_programme, resume_programme, save_programme
from .requests import approve_draw, ask_sponsorship, decline_draw, withdraw_request

__all__ = [
    "Sponsorship",
    "approve_draw",
    "ask_money_back",
    "ask_sponsorship",
    "decline_draw",
    "end_programme",
    "end_unused",
    "mark_used",
    "pause_programme",
    "quote",
    "resume_programme",
    "save_programme",
    "take",
    "take_back",
    "withdraw_request",
]
