"""What a start does with the database: migrate when needed, fill it once, begin anew if that was interrupted.

PostgreSQL and Valkey are real; a small script stands in for `manage.py`, so that it takes seconds only.
"""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.site import ROOT, wait_until
from tests.test_services import bare_environment, open_to_others

MANAGE = """
import os, pathlib, sys, time
import psycopg2

folder = os.environ["DATABASE_URL"].partition("host=")[2]
connection = psycopg2.connect(host=folder, user="foothold", dbname="foothold")
connection.autocommit = True
cursor = connection.cursor()
print("RAN", *sys.argv[1:], flush=True)
match sys.argv[1]:
    case "migrate":
        if os.environ.get("BROKEN"):
            sys.exit("a migration that does not run")
        cursor.execute("create table if not exists people (name text)")
    case "demo":
        cursor.execute("insert into people values ('student')")
        if os.environ.get("UNLUCKY"):
            sys.exit("a story that does not go on")
        if os.environ.get("SLOW"):
            time.sleep(60)
    case "shell":
        cursor.execute("select count(*) from people")
        print("PEOPLE", cursor.fetchone()[0], flush=True)
"""
SERVE = """
import sys
from pathlib import Path
from marketplace.services import beside, parts, serve

home, manage = sys.argv[1:3]
parts.MANAGE[:] = [sys.executable, manage]
if sys.argv[3:]:
    sys.exit(beside.main(sys.argv[3:]))
parts.has_command = lambda name: name == "demo"

class Short(serve.Serve):
    def start_site(self):
        Path(home, "demo-log").write_text("filled" if Path(home, "demo.done").exists() else "")
        return True

sys.exit(Short(port=20000).run())
"""


class Start:
    def __init__(self, home: Path, *arguments: str, **more: str):
        script = home.parent / "manage.py"
        script.write_text(MANAGE)
        self.output = home.parent / f"out-{time.monotonic_ns()}"
        env = {**bare_environment(), "FOOTHOLD_DATA": str(home), "FOOTHOLD_DEMO": "1", **more}
        for name in ("MEDIA_ROOT", "EMAIL_FILE_PATH", "FOOTHOLD_CLOCK_FILE"):
            env.pop(name, None)
        with open(self.output, "wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-c", SERVE, str(home), str(script), *arguments],
                cwd=ROOT,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
            )

    def said(self) -> str:
        return self.output.read_text()

    def until(self, words: str) -> "Start":
        try:
            wait_until(lambda: words in self.said(), self.process)
        except AssertionError:
            assert words in self.said()
        return self

    def stop(self) -> str:
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(20) == 0
        return self.said()


@pytest.fixture
def start(tmp_path):
    open_to_others(tmp_path)
    started = []

    def run(*arguments: str, **more: str) -> Start:
        started.append(Start(tmp_path / "data", *arguments, **more))
        return started[-1]

    yield run
    for one in started:
        if one.process.poll() is None:
            one.process.terminate()
            one.process.wait(20)


def test_an_empty_database_is_migrated_and_filled_and_the_next_start_does_neither(start):
    first = start().until("Foothold is ready").stop()
    assert "Building the demo world" in first
    assert "RAN demo" in first
    assert "Sign in with the password foothold-demo as\n  student@example.com" in first
    assert first.endswith("Stopping ...\nEverything is stopped.\n")

    second = start().until("Foothold is ready").stop()
    assert "Preparing the database" not in second
    assert "RAN demo" not in second
    assert "student@example.com" in second


def test_a_demo_world_that_was_interrupted_is_begun_anew(start, tmp_path):
    first = start(SLOW="1").until("RAN demo")
    (tmp_path / "data" / "clock").write_text("3600")
    began = time.monotonic()
    said = first.stop()
    assert time.monotonic() - began < 20
    assert "Foothold is ready" not in said

    second = start().until("Foothold is ready").stop()
    assert "The demo world was not finished the last time; beginning anew." in second
    assert not (tmp_path / "data" / "clock").exists()
    third = start("shell")
    third.process.wait(30)
    assert "PEOPLE 1" in third.said(), "nothing is left of the half world"


def test_a_demo_world_that_fails_does_not_keep_the_site_from_starting(start):
    said = start(UNLUCKY="1").until("Foothold is ready").stop()
    assert "a story that does not go on\nThe demo world is not whole" in said
    assert "Sign in with" not in said
    assert "RAN demo" in start().until("Foothold is ready").stop()


def test_a_migration_that_does_not_run_is_shown_and_everything_stops(start):
    one = start(BROKEN="1")
    assert one.process.wait(30) == 1
    assert "The database could not be prepared" in one.said()
    assert "a migration that does not run" in one.said()
    assert one.said().endswith("Everything is stopped.\n")


def test_a_command_runs_beside_servers_that_start_for_it_or_on_those_that_run(start):
    alone = start("shell")
    assert alone.process.wait(30) == 0
    assert "PEOPLE 0" in alone.said()

    running = start().until("Foothold is ready")
    joined = start("shell")
    assert joined.process.wait(30) == 0
    assert joined.said() == "RAN shell\nPEOPLE 0\n", "it joins, and starts nothing of its own"
    assert running.process.poll() is None


def test_a_taken_port_is_told(start):
    from marketplace.services import ports

    port, held = ports.listen(20000)
    said = start().until("Foothold is ready").stop()
    for one in held:
        one.close()
    if port == 20000:
        assert "Port 20000 is taken; using " in said
