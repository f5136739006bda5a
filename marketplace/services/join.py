"""Lets every other `manage.py` command join the servers of a running `manage.py serve`.

Called before the settings are read. `serve` writes what it started to `.data/services.json`; the file counts
only while the process that wrote it lives, and only when the environment names no database itself.
"""

import json
import os
from pathlib import Path

from . import processes

# Two instances can run from one checkout when each has a data folder of its own.
CHECKOUT = Path(__file__).resolve().parent.parent.parent
HOME = Path(os.environ.get("FOOTHOLD_DATA") or CHECKOUT / ".data").resolve()
RECORD = HOME / "services.json"


def running(record: Path = RECORD) -> dict | None:
    """What a living supervisor wrote about itself, or None."""
    try:
        found = json.loads(record.read_text())
    except (OSError, ValueError):
        return None
    return found if processes.is_running(found["pid"], found["identity"]) else None


def join(command: str = "") -> None:
    for name in ("DATABASE_URL", "REDIS_URL", "STRIPE_SECRET_KEY"):
        if not os.environ.get(name):
            os.environ.pop(name, None)  # set to nothing means not set
    if command == "serve":
        if "STRIPE_SECRET_KEY" not in os.environ:
            os.environ.setdefault("FOOTHOLD_DEMO", "1")
    elif "DATABASE_URL" not in os.environ and "FOOTHOLD_TESTING" not in os.environ and (found := running()):
        for name, value in found["environment"].items():
            os.environ.setdefault(name, value)
