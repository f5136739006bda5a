"""Hears what payments says, inside the same transaction. Each room connects its own receivers in `listeners` below."""

# ruff: noqa: F401

from . import personal
from .alerting import listeners as alerting_listeners
from .applying import listeners as applying_listeners
from .disputing import listeners as disputing_listeners
from .exposing import listeners as exposing_listeners
from .hiring import listeners as hiring_listeners
from .inviting import listeners as inviting_listeners
from .matching import listeners as matching_listeners
from .posting import listeners as posting_listeners
from .reviewing import listeners as reviewing_listeners
from .search import listeners as search_listeners
from .sponsoring import listeners as sponsoring_listeners
from .suggesting import listeners as suggesting_listeners
from .talking import listeners as talking_listeners
from .working import listeners as working_listeners
from .working import money_listeners as working_money_listeners
