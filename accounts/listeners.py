"""Every room that listens to another, or has a part in export and erasure, is named here once."""

# ruff: noqa: F401
from .employers import listeners as employers
from .students import listeners as students
from .users import listeners as users
