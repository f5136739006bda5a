"""The verbs of sponsors' money."""

from .banking import record_transfer, void_transfer
from .by_hand import bear_payback
from .keeping import freeze_wallet, lock_lot, lock_wallet, lots_for, open_wallet, set_low_mark, thaw_wallet
from .paying_back import fail_payback, pay_back, record_payback
from .topping_up import close_top_up, refresh_lots, start_top_up, top_up_url

__all__ = [
    "bear_payback",
    "close_top_up",
    "fail_payback",
    "freeze_wallet",
    "lock_lot",
    "lock_wallet",
    "lots_for",
    "open_wallet",
    "pay_back",
    "record_payback",
    "record_transfer",
    "refresh_lots",
    "set_low_mark",
    "start_top_up",
    "thaw_wallet",
    "top_up_url",
    "void_transfer",
]
