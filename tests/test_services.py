"""The servers that come along, the supervisor, and what they say about themselves."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import psycopg2
import pytest
import redis

from marketplace.services import account, join, ports, processes, serve, throwaway
from marketplace.services.supervisor import Part, Supervisor, how_it_ended
from tests.site import ROOT, wait_until

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="the kernel tells children only on Linux")

ONLY_SERVERS = """
import os, sys
from pathlib import Path
from marketplace.services.serve import Serve
from marketplace.services.servers import say

class OnlyServers(Serve):
    def begin(self):
        self.env = dict(os.environ)
        self.start_servers()
        self.postgres.make_database("foothold")
        say("READY")
        return True

sys.exit(OnlyServers(Path(sys.argv[1])).run())
"""


def bare_environment() -> dict[str, str]:
    named = ("DATABASE_URL", "REDIS_URL", "CELERY_BROKER_URL", "FOOTHOLD_TESTING")
    return {key: value for key, value in os.environ.items() if key not in named}


class Launched:
    """A supervisor with PostgreSQL and Valkey only, in a process of its own."""

    def __init__(self, home: Path):
        self.home, self.output = home, home.with_name(f"{home.name}.out")
        with open(self.output, "wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-c", ONLY_SERVERS, str(home)],
                cwd=ROOT,
                env=bare_environment(),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
            )
        wait_until(lambda: "READY" in self.said(), self.process)

    def said(self) -> str:
        return self.output.read_text()

    def record(self) -> dict:
        return json.loads((self.home / "services.json").read_text())

    def pid(self, part: str) -> int:
        return self.record()["parts"][part]["pid"]

    def sql(self, text: str):
        sockets = self.record()["folder"]
        connection = psycopg2.connect(host=sockets, user="foothold", dbname="foothold", connect_timeout=3)
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(text)
                return cursor.fetchall() if cursor.description else None
        finally:
            connection.close()

    def valkey(self) -> redis.Redis:
        return redis.Redis.from_url(self.record()["environment"]["REDIS_URL"])

    def answers(self) -> bool:
        try:
            return self.sql("select 1") == [(1,)] and self.valkey().ping()
        except (psycopg2.OperationalError, redis.RedisError):
            return False

    def stop(self) -> float:
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(20)
        return time.monotonic() - began


def open_to_others(path: Path) -> Path:
    """pytest's own folders are closed, and as root the servers run as somebody else."""
    for folder in (path, *path.parents):
        if folder == Path(tempfile.gettempdir()):
            break
        folder.chmod(0o711)
    return path


@pytest.fixture
def home(tmp_path):
    return open_to_others(tmp_path) / "data with a space"


@pytest.fixture
def launched(home):
    started = []

    def launch() -> Launched:
        started.append(Launched(home))
        return started[-1]

    yield launch
    for one in started:
        if one.process.poll() is None:
            one.stop()


@linux_only
def test_servers_come_back_with_their_data_whatever_is_killed(launched):
    first = launched()
    first.sql("create table kept (name text)")
    first.sql("insert into kept values ('still here')")
    first.valkey().set("kept", "too")

    for name in ("postgres", "valkey"):
        old = first.pid(name)
        os.kill(old, signal.SIGKILL)
        wait_until(lambda name=name, old=old: first.pid(name) != old and first.answers(), first.process)
        assert f"{name} was ended by SIGKILL; starting it again in 0.5 s" in first.said()

    left = [first.pid("postgres"), first.pid("valkey")]
    first.process.kill()
    first.process.wait()
    wait_until(lambda: all(processes.identity(pid) is None for pid in left))

    second = launched()
    assert second.sql("select name from kept") == [("still here",)]
    assert second.valkey().get("kept") == b"too"
    assert second.stop() < 20
    assert second.process.returncode == 0
    assert not (second.home / "services.json").exists()


def test_a_second_start_in_the_same_folder_is_told_where_the_first_one_runs(launched):
    first = launched()
    done = subprocess.run(
        [sys.executable, "-c", ONLY_SERVERS, str(first.home)],
        cwd=ROOT,
        env=bare_environment(),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "Foothold already runs from this folder" in done.stderr
    assert f"process {first.process.pid}" in done.stderr
    assert first.answers()


def test_left_over_servers_of_a_killed_supervisor_are_stopped_by_the_next_start(launched):
    first = launched()
    stranger = subprocess.Popen(["sleep", "60"], start_new_session=True)
    record = first.record()
    first.stop()
    record["parts"] = {
        "stranger": {"pid": stranger.pid, "identity": "another", "signal": 15},
        "gone": {"pid": stranger.pid, "identity": None, "signal": 15},
    }
    left_over = subprocess.Popen(["sleep", "60"], start_new_session=True)
    record["parts"]["web"] = {
        "pid": left_over.pid,
        "identity": processes.identity(left_over.pid),
        "signal": 15,
    }
    (first.home / "services.json").write_text(json.dumps(record))
    second = launched()
    assert left_over.wait(5) == -signal.SIGTERM
    assert stranger.poll() is None, "a process that only has the number of ours is left alone"
    assert "Stopped what an earlier start left running: web" in second.said()
    stranger.kill()
    stranger.wait()


def throwaway_run() -> tuple[subprocess.Popen, dict]:
    process = subprocess.Popen(
        [sys.executable, "-m", "marketplace.services.throwaway"],
        cwd=ROOT,
        env=os.environ,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    return process, json.loads(process.stdout.readline())


def test_throwaway_servers_leave_nothing_behind_when_their_owner_ends():
    process, started = throwaway_run()
    folder = Path(started["folder"])
    assert folder.exists()
    process.stdin.close()
    assert process.wait(20) == 0
    assert not folder.exists()


@linux_only
def test_throwaway_servers_end_and_are_swept_when_their_launcher_is_killed():
    process, started = throwaway_run()
    folder = Path(started["folder"])
    pid = int((folder / "postgres" / "postmaster.pid").read_text().split()[0])
    process.kill()
    process.wait()
    wait_until(lambda: processes.identity(pid) is None)
    assert folder.exists()
    throwaway.sweep()
    assert not folder.exists()
    assert Path(os.environ["FOOTHOLD_TEST_FOLDER"]).exists(), "the folder of a living run stays"


# --- the supervisor ---------------------------------------------------------------------------------------


def test_a_part_that_fails_again_and_again_is_started_with_growing_pauses(tmp_path, capsys):
    log = tmp_path / "part.log"
    log.write_text("what it said last\n")
    starts = []

    def spawn():
        starts.append(time.monotonic())
        return subprocess.Popen([sys.executable, "-c", "raise SystemExit(3)"], start_new_session=True)

    supervisor = Supervisor()
    supervisor.listen()
    supervisor.start(Part("web", spawn, log))
    supervisor.watch(lambda: len(starts) == 3, seconds=10)
    said = capsys.readouterr().out
    assert "web ended with code 3; starting it again in 0.5 s" in said
    assert "starting it again in 1 s" in said
    assert "what it said last" in said
    assert starts[1] - starts[0] > 0.5
    assert starts[2] - starts[1] > 1.0
    supervisor.stop()


STUBBORN = """
import signal, subprocess, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print(subprocess.Popen(["sleep", "60"]).pid, flush=True)
time.sleep(60)
"""


def test_a_part_that_does_not_stop_is_killed_with_everything_it_started(tmp_path, capsys):
    log = tmp_path / "log"
    argv = [sys.executable, "-c", STUBBORN]
    part = Part("web", lambda: processes.spawn(argv, log=log, env=dict(os.environ)), log)
    supervisor = Supervisor()
    supervisor.listen()
    supervisor.start(part)
    supervisor.watch(lambda: log.read_text().endswith("\n"), seconds=10)
    supervisor.stop(seconds=0.3)
    assert part.child.returncode == -signal.SIGKILL
    assert "web did not stop in time and was killed" in capsys.readouterr().out
    started = int(log.read_text())
    for _ in range(100):  # the kernel needs its moment to bury what was killed
        if processes.identity(started) is None:
            break
        time.sleep(0.05)
    assert processes.identity(started) is None


def test_endings_are_told_in_words():
    assert how_it_ended(-9) == "was ended by SIGKILL"
    assert how_it_ended(2) == "ended with code 2"
    assert how_it_ended(-200) == "was ended by signal 200"


@pytest.fixture(autouse=True)
def _signals_as_before():
    """`Supervisor.listen` sets handlers for this process; the tests put them back."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD)
    before = {number: signal.getsignal(number) for number in numbers}
    yield
    signal.set_wakeup_fd(-1)
    for number, handler in before.items():
        signal.signal(number, handler)


# --- addresses --------------------------------------------------------------------------------------------


def test_the_next_port_is_taken_when_the_wanted_one_is_not_free():
    with socket.create_server(("127.0.0.1", 0)) as other:
        wanted = other.getsockname()[1]
        port, sockets = ports.listen(wanted)
    assert port > wanted
    for one in sockets:
        one.close()


def test_two_starts_at_the_same_moment_get_different_ports():
    wanted = ports.free()
    (first, held), (second, held_too) = ports.listen(wanted), ports.listen(wanted)
    assert first == wanted
    assert second != wanted
    for one in (*held, *held_too):
        one.close()


def test_visitors_who_come_too_early_see_a_page_that_waits(tmp_path):
    port, sockets = ports.listen(ports.free())
    supervisor = Supervisor(waiting=sockets, stage="Building & filling")
    supervisor.listen()
    visit = subprocess.Popen(_visit(port), stdout=subprocess.PIPE, text=True)
    supervisor.watch(lambda: visit.poll() is not None, seconds=10)
    answer = visit.stdout.read()
    assert "503" in answer
    assert "Foothold is starting" in answer
    assert "Building &amp; filling" in answer
    for one in sockets:
        one.close()


def _visit(port: int) -> list[str]:
    code = (
        "import urllib.request, urllib.error\n"
        f"try: urllib.request.urlopen('http://127.0.0.1:{port}/')\n"
        "except urllib.error.HTTPError as error: print(error.code, error.read().decode())"
    )
    return [sys.executable, "-c", code]


def test_other_commands_join_the_servers_of_a_living_supervisor_only(tmp_path, monkeypatch):
    record = tmp_path / "services.json"
    me = {"pid": os.getpid(), "identity": processes.identity(os.getpid())}
    monkeypatch.setattr(join, "RECORD", record)
    monkeypatch.setattr(join.running, "__defaults__", (record,))
    for name in ("DATABASE_URL", "FOOTHOLD_TESTING", "SITE_URL"):
        monkeypatch.delenv(name, raising=False)

    record.write_text(
        json.dumps({**me, "identity": "somebody else", "environment": {"DATABASE_URL": "dead"}})
    )
    join.join("migrate")
    assert "DATABASE_URL" not in os.environ

    record.write_text(
        json.dumps({**me, "environment": {"DATABASE_URL": "postgres:///x", "SITE_URL": "http://y"}})
    )
    monkeypatch.setenv("SITE_URL", "http://mine")
    join.join("serve")
    assert "DATABASE_URL" not in os.environ
    join.join("migrate")
    assert os.environ["DATABASE_URL"] == "postgres:///x"
    assert os.environ["SITE_URL"] == "http://mine"


@pytest.mark.parametrize(
    ("given", "demo"),
    [({}, "1"), ({"STRIPE_SECRET_KEY": "sk_test_x"}, None), ({"FOOTHOLD_DEMO": "0"}, "0")],
)
def test_serve_is_a_demo_unless_a_stripe_key_or_the_operator_says_otherwise(monkeypatch, given, demo):
    for name in ("FOOTHOLD_DEMO", "STRIPE_SECRET_KEY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    join.join("serve")
    assert os.environ.get("FOOTHOLD_DEMO") == demo


def test_nothing_is_embedded_when_the_environment_names_the_servers(tmp_path, capsys):
    one = serve.Serve(tmp_path)
    one.env = dict(os.environ)
    one.start_servers()
    assert one.supervisor.parts == {}
    assert one.folder is None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the servers as somebody else")
def test_data_goes_elsewhere_when_the_servers_cannot_reach_the_checkout(tmp_path, monkeypatch):
    closed, elsewhere = open_to_others(tmp_path) / "closed", tmp_path / "elsewhere"
    closed.mkdir(mode=0o700)
    elsewhere.mkdir()
    monkeypatch.setattr(account, "outside_base", lambda: elsewhere)
    nobody = account.server_account()
    assert account.data_home(closed / "data", nobody).parent == elsewhere
    assert account.data_home(closed / "data", nobody) != account.data_home(closed / "other", nobody)
    assert account.data_home(tmp_path / "open", nobody) == tmp_path / "open"
    assert account.data_home(closed / "data", None) == closed / "data"
    (closed / "data" / "postgres").mkdir()
    with pytest.raises(SystemExit, match="cannot reach any more"):
        account.data_home(closed / "data", nobody)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the servers as somebody else")
def test_programs_are_copied_once_when_the_servers_cannot_reach_them(tmp_path, monkeypatch):
    monkeypatch.setattr(account, "outside_base", lambda: tmp_path)
    wheel, libraries = tmp_path / "closed/wheel", tmp_path / "closed/wheel.libs"
    for folder in (wheel, libraries):
        folder.mkdir(parents=True)
        (folder / "file").write_text("program")
    open_to_others(tmp_path / "closed")
    nobody = account.server_account()
    assert account.reachable_copy(wheel, [libraries], "1", nobody) == wheel
    (tmp_path / "closed").chmod(0o700)
    copy = account.reachable_copy(wheel, [libraries], "1", nobody)
    assert copy == tmp_path / "programs-1/wheel"
    assert (tmp_path / "programs-1/wheel.libs/file").read_text() == "program"
    assert account.reachable_copy(wheel, [libraries], "1", nobody) == copy
    assert account.reaches(nobody, copy / "file", "-r")


def test_the_site_answers_and_recovers_when_its_parts_are_killed(site):
    with urllib.request.urlopen(f"{site.address}/livez") as answer:
        assert answer.read() == b"ok\n"
    assert site.is_well()
    for name in ("worker", "web"):
        old = site.pid(name)
        os.kill(old, signal.SIGKILL)
        wait_until(lambda name=name, old=old: site.pid(name) != old and site.is_well(), site.process, 60)
    assert "ahead of real time" in site.manage("clock", "+1d")


@pytest.fixture
def site(tmp_path):
    from tests.site import running_site

    with running_site(tmp_path) as one:
        yield one
