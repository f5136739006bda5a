"""The whole site in processes of its own, as people get it: `manage.py serve` on a database of its own.

Web, worker, beat and offline Stripe are real. PostgreSQL and Valkey are those of the test run.
"""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg2

from marketplace.services import ports, probe

ROOT = Path(__file__).resolve().parent.parent
READY_WITHIN = 90


@dataclass
class Site:
    address: str
    folder: Path
    env: dict[str, str]  # for `manage.py` commands on this site
    process: subprocess.Popen

    @property
    def port(self) -> int:
        return int(self.address.rpartition(":")[2])

    def log(self, part: str = "serve") -> str:
        """What a part (web, worker, beat, stripe; serve: the supervisor) has written so far."""
        path = self.folder / ("serve.log" if part == "serve" else f"logs/{part}.log")
        return path.read_text(errors="replace") if path.exists() else ""

    def manage(self, *arguments: str) -> str:
        """Run a `manage.py` command on the site and return what it printed."""
        argv = [sys.executable, "manage.py", *arguments]
        return subprocess.run(argv, cwd=ROOT, env=self.env, check=True, capture_output=True, text=True).stdout

    def pid(self, part: str) -> int:
        return json.loads((self.folder / "services.json").read_text())["parts"][part]["pid"]

    def is_well(self) -> bool:
        return probe.answers(self.port, "/healthz", 3)


@contextmanager
def running_site(folder: Path, database: str = "foothold_site", **more: str):
    """Start the site with its files in `folder`; yields a `Site` that answers, and stops it in the end."""
    port = ports.free()
    env = {
        **os.environ,
        "DATABASE_URL": make_database(database),
        "FOOTHOLD_DATA": str(folder),
        "FOOTHOLD_DEMO": "0",
        "PORT": str(port),
        "REDIS_URL": _own_number(os.environ["REDIS_URL"], 64),
        "CELERY_BROKER_URL": _own_number(os.environ["CELERY_BROKER_URL"], 64),
        "FOOTHOLD_CLOCK_FILE": str(folder / "clock"),
        "MEDIA_ROOT": str(folder / "media"),
        "EMAIL_FILE_PATH": str(folder / "mail"),
        **more,
    }
    with open(folder / "serve.log", "wb") as log:
        argv = [sys.executable, "manage.py", "serve", "--with-parent"]
        process = subprocess.Popen(argv, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        try:
            wait_until(lambda: "Foothold is ready" in _said(folder), process, READY_WITHIN)
        except AssertionError:
            raise AssertionError(f"the site did not start:\n{_said(folder)}") from None
        record = json.loads((folder / "services.json").read_text())
        env |= record["environment"]
        yield Site(record["address"], folder, env, process)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()


def _said(folder: Path) -> str:
    return (folder / "serve.log").read_text(errors="replace")


def make_database(name: str) -> str:
    """A new migrated database on the run's server; its address."""
    url, template = os.environ["DATABASE_URL"], os.environ["FOOTHOLD_TEST_TEMPLATE"]
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    name = f"{name}_{worker}"
    connection = psycopg2.connect(host=url.partition("host=")[2], user="foothold", dbname="postgres")
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(f'drop database if exists "{name}" with (force)')
        cursor.execute(f'create database "{name}"' + (f' template "{template}"' if template else ""))
    connection.close()
    return url.replace("/foothold?", f"/{name}?")


def _own_number(url: str, more: int) -> str:
    """The same server, another of its numbered databases."""
    start, _, number = url.rpartition("=")
    return f"{start}={int(number) + more}"


def wait_until(condition, process: subprocess.Popen | None = None, seconds: float = 30) -> None:
    """Wait for the condition; fails when time is up or the process ends."""
    end = time.monotonic() + seconds
    while not condition():
        assert process is None or process.poll() is None, f"it ended with {process.returncode}"
        assert time.monotonic() < end, f"nothing happened within {seconds} s"
        time.sleep(0.1)
