"""The rules of the brief check. Importing them registers them in `base.RULES`, in the order they run in."""

from . import clarity, contact, dates, hours, pay, people, wordings, work  # noqa: F401
