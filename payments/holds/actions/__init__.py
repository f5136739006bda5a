"""The verbs of secured money. The caller decides who may; these decide whether the money can."""

from .funding import funding_url, refresh_funding, start_checkout
from .holding import PartSpec, cancel_hold, freeze, open_hold, secure_covered, unfreeze
from .refunding import cancel_part, cancel_parts, refund_rest
from .releasing import release_part, release_parts

__all__ = [
    "PartSpec",
    "cancel_hold",
    "cancel_part",
    "cancel_parts",
    "freeze",
    "funding_url",
    "open_hold",
    "refresh_funding",
    "refund_rest",
    "release_part",
    "release_parts",
    "secure_covered",
    "start_checkout",
    "unfreeze",
]
