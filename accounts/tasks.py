"""Celery finds the tasks of every room here."""

# ruff: noqa: F401
from .employers import tasks as employers
from .notifications import tasks as notifications
from .users import tasks as users
