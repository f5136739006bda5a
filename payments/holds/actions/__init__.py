"""The verbs of secured money. The caller decides who may; these decide whether the money can."""

from .deciding import decide_refund, decide_release
from .funding import funding_url, refresh_funding, start_checkout
from .holding import PartSpec, cancel_hold, move_limit, open_hold, secure_covered
from .owing import write_off
from .refunding import cancel_part, cancel_parts, refund_rest
from .releasing import release_part, release_parts
from .resending import bear_refund, give_back_credit, record_bank_refund, resend_refund
from .reversing import (
    advance_reversal,
    refund_recovered,
    refund_released,
    release_recovered,
    retry_reversal,
)
from .stopping import freeze, unfreeze

__all__ = [
    "PartSpec",
    "advance_reversal",
    "bear_refund",
    "cancel_hold",
    "cancel_part",
    "cancel_parts",
    "decide_refund",
    "decide_release",
    "freeze",
    "give_back_credit",
    "funding_url",
    "move_limit",
    "open_hold",
    "record_bank_refund",
    "refresh_funding",
    "refund_recovered",
    "refund_released",
    "refund_rest",
    "release_part",
    "release_parts",
    "release_recovered",
    "resend_refund",
    "retry_reversal",
    "secure_covered",
    "start_checkout",
    "unfreeze",
    "write_off",
]
