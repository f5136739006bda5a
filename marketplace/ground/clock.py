"""The one source of time.

Every deadline is computed from `now()`. When `FOOTHOLD_CLOCK_FILE` names a file (demo and tests only), the
seconds written in it are added to the real time, so that web, worker, beat and the offline Stripe can be
moved together; without it the offset is zero and nothing is read.
"""

import os
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings

_seen = {"stamp": None, "offset": timedelta()}


def now() -> datetime:
    """The present instant, aware, in UTC, shifted by the shared offset if there is one."""
    return datetime.now(UTC) + offset()


def offset() -> timedelta:
    path = settings.CLOCK_FILE
    if not path:
        return timedelta()
    try:
        stat = os.stat(path)
    except FileNotFoundError:
        return timedelta()
    stamp = (path, stat.st_mtime_ns, stat.st_ino)
    if _seen["stamp"] != stamp:
        _seen["offset"] = timedelta(seconds=float(Path(path).read_text() or 0))
        _seen["stamp"] = stamp
    return _seen["offset"]


def advance(step: timedelta) -> datetime:
    """Move the shared clock of every process by `step`; returns the new now. Refused without a clock file."""
    return _write(offset() + step)


def reset() -> datetime:
    """Put the shared clock back to real time."""
    return _write(timedelta())


def _write(value: timedelta) -> datetime:
    path = settings.CLOCK_FILE
    if not path:
        raise RuntimeError("The clock can only be moved where FOOTHOLD_CLOCK_FILE is set.")
    handle, name = tempfile.mkstemp(dir=Path(path).parent)
    with os.fdopen(handle, "w") as out:
        out.write(str(value.total_seconds()))
    os.chmod(name, 0o644)  # the servers may run as another user than whoever moves the clock
    os.replace(name, path)
    _seen["stamp"] = None
    return now()
