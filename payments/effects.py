"""Registers, once per process, what each room does with Stripe's answers and events, and with an erasure."""

from .connect import effects as connect_effects  # noqa: F401
from .disputes import effects as dispute_effects  # noqa: F401
from .holds import effects as hold_effects  # noqa: F401
from .payers import effects as payer_effects  # noqa: F401
from .stripe import listeners as stripe_listeners  # noqa: F401
from .wallets import effects as wallet_effects  # noqa: F401
