"""Django finds the admin pages of every room here."""

# ruff: noqa: F401
from .employers import admin as employers
from .notifications import admin as notifications
from .schools import admin as schools
from .skills import admin as skills
from .users import admin as users
