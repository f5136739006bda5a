"""The verbs of secured money. The caller decides who may; these decide whether the money can."""

from .funding import funding_url, refresh_funding, start_checkout
from .holding import cancel_hold, freeze, open_hold, unfreeze
from .refunding import cancel_part, refund_rest
from .releasing import release_part

__all__ = [
    "cancel_hold",
    "cancel_part",
    "freeze",
    "funding_url",
    "open_hold",
    "refresh_funding",
    "refund_rest",
    "release_part",
    "start_checkout",
    "unfreeze",
]
