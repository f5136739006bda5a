"""The verbs of hiring: offers and their answers, and the money that makes an engagement real."""

from .accepting import accept_offer
from .funding import funds_coming, funds_not_coming, lapse_engagement, secure_engagement, start_funding
from .offers import decline_offer, expire_offer, hold_offer, make_offer, withdraw_offer
from .repeats import ask_moderator, decide_check

__all__ = [
    "accept_offer",
    "ask_moderator",
    "decide_check",
    "decline_offer",
    "expire_offer",
    "funds_coming",
    "funds_not_coming",
    "hold_offer",
    "lapse_engagement",
    "make_offer",
    "secure_engagement",
    "start_funding",
    "withdraw_offer",
]
