"""Django finds the admin pages of every room here."""

# ruff: noqa: F401
from .connect import admin as connect
from .disputes import admin as disputes
from .holds import admin as holds
from .ledger import admin as ledger
from .payers import admin as payers
from .reconciling import admin as reconciling
from .stripe import admin as stripe
from .wallets import admin as wallets
