"""The started system, as people meet it: `manage.py serve` with its web server, worker, beat and offline Stripe."""

import email
import email.policy
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from datetime import timedelta
from email.utils import getaddresses
from pathlib import Path

import psycopg2
import pytest

from marketplace.services.servers import OWNER
from tests import browser as chromium

ROOT = Path(__file__).resolve().parent.parent.parent
START = """
from pathlib import Path
from marketplace.services.serve import Serve
raise SystemExit(Serve(home=Path({home!r}), port={port}).run())
"""
# One moderator has to exist beforehand, as on a fresh production site; this also keeps the demo world away.
MODERATOR = """
import django; django.setup()
from allauth.account.models import EmailAddress
from accounts.models import User
from accounts.skills.actions import load_skills
user = User.objects.create_superuser("moderator@example.com", "foothold-demo", name="Mo Derator")
EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
load_skills()
"""


class Site:
    """A running Foothold with a database of its own."""

    def __init__(self, home: Path, number: int):
        self.home = home
        self.database = f"journey_{number}"
        socket = os.environ["FOOTHOLD_TEST_SOCKET"]
        self.env = {
            **os.environ,
            "DATABASE_URL": os.environ["DATABASE_URL"].replace("/foothold?", f"/{self.database}?"),
            "REDIS_URL": f"unix://{socket}?db={10 + number * 2}",
            "CELERY_BROKER_URL": f"redis+socket://{socket}?virtual_host={11 + number * 2}",
            "FOOTHOLD_DEMO": "1",
            "MAIL_LEASE_SECONDS": "9",
            "FOOTHOLD_CLOCK_FILE": str(home / "clock"),
            "MEDIA_ROOT": str(home / "media"),
            "EMAIL_FILE_PATH": str(home / "mail"),
            "DJANGO_SETTINGS_MODULE": "marketplace.settings",
            "PYTHONPATH": str(ROOT),
        }
        for name in ("FOOTHOLD_TESTING", "SITE_URL"):
            self.env.pop(name, None)

    # --- life ---------------------------------------------------------------------------------------------
    def make_database(self) -> None:
        template = os.environ["FOOTHOLD_TEST_TEMPLATE"]
        with_host = re.search(r"host=([^&]+)", os.environ["DATABASE_URL"]).group(1)
        self.dsn = {"host": with_host, "user": OWNER}
        connection = psycopg2.connect(dbname="postgres", **self.dsn)
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{self.database}" WITH (FORCE)')
            cursor.execute(f'CREATE DATABASE "{self.database}" TEMPLATE "{template}"')
        connection.close()
        self.python(MODERATOR)

    def start(self) -> None:
        from marketplace.services import ports

        self.log = open(self.home / "serve.log", "ab")
        self.process = subprocess.Popen(
            [sys.executable, "-c", START.format(home=str(self.home), port=ports.free())],
            cwd=ROOT,
            env=self.env,
            stdout=self.log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        end = time.monotonic() + 120
        while time.monotonic() < end:
            found = re.findall(r"Foothold is ready: (\S+)", self.output())
            if found:
                self.url = found[-1].rstrip("/")
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.2)
        raise RuntimeError(f"The site did not start:\n{self.output()}")

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.log.close()

    def output(self) -> str:
        return (self.home / "serve.log").read_text(errors="replace")

    def logs(self) -> str:
        return "\n".join(
            path.read_text(errors="replace") for path in sorted((self.home / "logs").glob("*.log"))
        )

    # --- what a test looks at -----------------------------------------------------------------------------
    def python(self, code: str) -> str:
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, env=self.env, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def sql(self, query: str, *values) -> list[tuple]:
        connection = psycopg2.connect(dbname=self.database, **self.dsn)
        try:
            with connection, connection.cursor() as cursor:  # commits
                cursor.execute(query, values)
                return cursor.fetchall()
        finally:
            connection.close()

    def until(self, what, seconds: float = 60, why: str = ""):
        """Wait until `what()` is true and return it: the background worker needs its moment."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = what()
            if found:
                return found
            time.sleep(0.25)
        raise AssertionError(f"not within {seconds} s: {why or what}")

    def mails_to(self, address: str) -> list:
        """The mails that left the site for `address`, oldest first."""
        found = []
        for path in sorted((self.home / "mail").glob("*.log"), key=lambda p: p.stat().st_mtime_ns):
            for raw in re.split(r"\n-{79}\n", path.read_text()):
                message = email.message_from_string(raw.strip(), policy=email.policy.default)
                if address in [to for _, to in getaddresses([str(message.get("To", ""))])]:
                    found.append(message)
        return found

    def mail_to(self, address: str, about: str = "", seconds: float = 60):
        """Wait for a mail to `address` whose subject or text has `about`."""

        def look():
            return [
                m
                for m in self.mails_to(address)
                if about.lower() in (str(m["Subject"]) + m.get_body(("plain",)).get_content()).lower()
            ]

        return self.until(look, seconds, f"mail to {address} about {about!r}")[-1]

    def advance(self, **step) -> None:
        """Move the clock of every process of the site."""
        clock = Path(self.env["FOOTHOLD_CLOCK_FILE"])
        before = float(clock.read_text()) if clock.exists() else 0.0
        clock.with_suffix(".new").write_text(str(before + timedelta(**step).total_seconds()))
        clock.with_suffix(".new").chmod(0o644)
        clock.with_suffix(".new").replace(clock)

    def get(self, path: str) -> str:
        with urllib.request.urlopen(self.url + path, timeout=20) as answer:
            return answer.read().decode()

    def wake(self, *tasks: str) -> None:
        """Put tasks into the site's queue now instead of waiting for beat."""
        self.python(
            "from marketplace.celery import app\n" + "\n".join(f"app.send_task({t!r})" for t in tasks)
        )


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    running = Site(tmp_path_factory.mktemp("site"), int(worker.removeprefix("gw") or 0) if worker else 0)
    running.make_database()
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def chrome():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(**chromium.launch_options())
        yield started
        started.close()


class Person:
    """Somebody at a browser of their own. Console errors and failed requests are kept and must stay empty."""

    def __init__(self, chrome, site, *, phone: bool = False, javascript: bool = True, dark: bool = False):
        size = {"width": 390, "height": 844} if phone else {"width": 1280, "height": 900}
        self.context = chrome.new_context(
            viewport=size,
            java_script_enabled=javascript,
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
            accept_downloads=True,
        )
        self.page = self.context.new_page()
        self.page.set_default_timeout(20_000)
        self.site, self.troubles = site, []
        self.page.on("console", lambda m: self.troubles.append(m.text) if m.type == "error" else None)
        self.page.on("pageerror", lambda e: self.troubles.append(str(e)))
        self.page.on(
            "response", lambda r: self.troubles.append(f"{r.status} {r.url}") if r.status >= 500 else None
        )

    def go(self, path: str):
        self.page.goto(path if path.startswith("http") else self.site.url + path)
        return self.page

    def close(self) -> None:
        self.context.close()
        # A refused form (422) is logged by the browser as a failed resource; that is the answer we want.
        serious = [t for t in self.troubles if "422" not in t]
        assert serious == [], serious


@pytest.fixture
def person(chrome, site):
    """A maker of people: `person(phone=True)`."""
    made = []

    def make(**how) -> Person:
        made.append(Person(chrome, site, **how))
        return made[-1]

    yield make
    for one in made:
        one.close()
