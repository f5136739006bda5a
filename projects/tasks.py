"""Celery finds the tasks of every room here."""

# ruff: noqa: F401
