"""Django finds the admin pages of every room here."""

# ruff: noqa: F401
from .applying import admin as applying
from .disputing import admin as disputing
from .exposing import admin as exposing
from .hiring import admin as hiring
from .inviting import admin as inviting
from .posting import admin as posting
from .reporting import admin as reporting
from .reviewing import admin as reviewing
from .sponsoring import admin as sponsoring
