"""Celery finds the tasks of every room here."""

# ruff: noqa: F401

from .alerting import tasks as alerting_tasks
from .applying import tasks as applying_tasks
from .disputing import tasks as disputing_tasks
from .exposing import tasks as exposing_tasks
from .hiring import tasks as hiring_tasks
from .inviting import tasks as inviting_tasks
from .matching import tasks as matching_tasks
from .posting import tasks as posting_tasks
from .reviewing import tasks as reviewing_tasks
from .search import tasks as search_tasks
from .sponsoring import tasks as sponsoring_tasks
from .working import tasks as working_tasks
