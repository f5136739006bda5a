"""`manage.py serve`: the whole site under one supervisor, with the servers that the environment leaves open.

Order: take the lock, stop what a killed supervisor left, take the port, start PostgreSQL and Valkey, migrate,
start the offline Stripe, fill an empty database with the demo world, start web, worker and beat, and watch.
"""

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from . import account as accounts
from . import join, parts, ports, probe, processes, throwaway
from .join import CHECKOUT
from .servers import Postgres, Server, Valkey, say, tail, wait_ready, write_json
from .supervisor import Part, Supervisor

DATABASE = "foothold"
SIGN_INS = (
    ("student", "a student with a track record"),
    ("newcomer", "a student without one"),
    ("employer", "an employer"),
    ("mentor", "a mentor"),
    ("school", "a school"),
    ("moderator", "a moderator"),
    ("appeals", "a second moderator"),
)


def shown(path: Path) -> str:
    """The path as somebody in this checkout would write it."""
    return str(path.relative_to(CHECKOUT)) if path.is_relative_to(CHECKOUT) else str(path)


class Serve:
    def __init__(self, home: Path = join.HOME, port: int = 8000):
        self.home, self.wanted_port = home, port
        self.logs = home / "logs"
        self.account = accounts.server_account()
        self.supervisor = Supervisor(note=self.write_record)
        self.env: dict[str, str] = {}
        self.sockets: list = []
        self.postgres: Postgres | None = None
        self.fresh = False  # whether this start made the database
        self.folder: Path | None = None  # of the unix sockets
        self.demo = parts.is_true("FOOTHOLD_DEMO")
        playground = self.demo or parts.is_true("DEBUG") or parts.is_true("FOOTHOLD_TESTING")
        self.offline_stripe = playground and "STRIPE_SECRET_KEY" not in os.environ

    # --- one at a time ------------------------------------------------------------------------------------
    def take_lock(self) -> None:
        self.home.mkdir(mode=0o711, parents=True, exist_ok=True)
        for folder in (self.logs, self.home / "mail", self.home / "media"):
            folder.mkdir(mode=0o700, exist_ok=True)
        self.lock = os.open(self.home / "lock", os.O_CREAT | os.O_RDWR, 0o600)  # held until the process ends
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            found = join.running(self.home / "services.json") or {}
            address, pid = found.get("address") or "it is starting", found.get("pid", "?")
            raise SystemExit(
                f"Foothold already runs from this folder: {address} (process {pid}).\n"
                "Stop it there with Ctrl-C before you start it again, or use another clone."
            ) from None

    def stop_left_overs(self) -> None:
        """A killed supervisor could not stop its parts; on Linux they notice, elsewhere we do it here."""
        try:
            record = json.loads((self.home / "services.json").read_text())
        except (OSError, ValueError):
            return
        found = [
            name
            for name, part in record["parts"].items()
            if processes.stop_left_over(part["pid"], part["identity"], part["signal"])
        ]
        if found:
            say(f"Stopped what an earlier start left running: {', '.join(found)}")
        if record.get("folder"):
            shutil.rmtree(record["folder"], ignore_errors=True)

    def write_record(self) -> None:
        """What other commands need to join us, and what the next start needs should we be killed."""
        running = {
            part.name: {
                "pid": part.child.pid,
                "identity": processes.identity(part.child.pid),
                "signal": int(part.stop_signal),
            }
            for part in self.supervisor.parts.values()
            if part.child
        }
        given = os.environ.keys() - {"FOOTHOLD_DEMO"}  # that one may be our own, set before the settings
        set_here = {name: self.env[name] for name in parts.SHARED if name in self.env and name not in given}
        record = {
            "pid": os.getpid(),
            "identity": processes.identity(os.getpid()),
            "address": self.env.get("SITE_URL", ""),
            "folder": str(self.folder or ""),
            "parts": running,
            "environment": set_here,
        }
        write_json(self.home / "services.json", record)

    # --- servers ------------------------------------------------------------------------------------------
    def start_servers(self) -> None:
        """PostgreSQL and Valkey, unless DATABASE_URL and REDIS_URL name others."""
        wanted = [
            kind
            for kind, name in ((Postgres, "DATABASE_URL"), (Valkey, "REDIS_URL"))
            if name not in os.environ
        ]
        if not wanted:
            return
        data = accounts.data_home(self.home, self.account)
        if data != self.home:
            say(f"Data of the servers: {data} (as root they run as nobody, who cannot reach {self.home})")
        self.folder = accounts.short_folder("foothold-", self.account)
        servers = [kind(data, self.folder, self.logs / f"{kind.name}.log", self.account) for kind in wanted]
        for server in servers:
            parts.shorten(server.log)
            self.supervisor.start(Part(server.name, server.spawn, server.log, server.stop_signal, last=True))
        for server in servers:
            wait_ready(
                server, self.supervisor.parts[server.name].child, give_up=lambda: self.supervisor.stopping
            )
            self.use(server)
        self.write_record()

    def use(self, server: Server) -> None:
        if isinstance(server, Postgres):
            self.postgres = server
            self.env["DATABASE_URL"] = server.url(DATABASE)
            say(f"  database  PostgreSQL: data in {shown(server.data)}, socket in {self.folder}")
        else:
            self.env |= {"REDIS_URL": server.url(0), "CELERY_BROKER_URL": server.broker_url(1)}
            say(f"  queue     Valkey: data in {shown(server.data)}, socket {server.socket}")

    def tell(self, stage: str) -> None:
        self.supervisor.stage = stage
        say(stage)

    # --- content ------------------------------------------------------------------------------------------
    def prepare_database(self) -> bool:
        """Create and migrate; False when asked to stop meanwhile. An interrupted demo world is begun anew."""
        half = self.home / "demo.half"
        if self.postgres and half.exists():
            say("The demo world was not finished the last time; beginning anew.")
            self.postgres.drop_database(DATABASE)
            (self.home / "clock").unlink(missing_ok=True)
        self.fresh = bool(self.postgres) and self.postgres.make_database(DATABASE)
        mark, now = self.home / "migrated", throwaway.fingerprint()
        if self.postgres and not self.fresh and mark.exists() and mark.read_text() == now:
            return True
        self.tell("Preparing the database ...")
        began = time.monotonic()
        log = self.logs / "migrate.log"
        with open(log, "wb") as out:
            code = self.supervisor.run(
                [*parts.MANAGE, "migrate", "--no-input"],
                cwd=CHECKOUT,
                env=self.env,
                stdout=out,
                stderr=subprocess.STDOUT,
            )
        if code:
            raise SystemExit(f"The database could not be prepared ({log}):\n{tail(log)}")
        if code == 0:
            say(f"The database is prepared ({time.monotonic() - began:.0f} s).")
            if self.postgres:
                mark.write_text(now)
        return code == 0

    def fill_demo(self) -> bool:
        """The demo world, into an empty database only; False when asked to stop meanwhile."""
        done, half = self.home / "demo.done", self.home / "demo.half"
        if not self.demo or not parts.has_command("demo") or not self.is_empty(done):
            return True
        self.tell("Building the demo world (once; up to two minutes) ...")
        half.touch()
        done.unlink(missing_ok=True)
        code = self.supervisor.run([*parts.MANAGE, "demo"], cwd=CHECKOUT, env=self.env)
        if code == 0:
            half.unlink()
            done.touch()
        elif code:
            say(
                "The demo world is not whole, for the reason above. The site starts; the next start builds it anew."
            )
        return code is not None

    def is_empty(self, done: Path) -> bool:
        if self.postgres and (self.fresh or done.exists()):
            return self.fresh
        question = (
            "import django, sys; django.setup(); from django.contrib.auth import get_user_model as model; "
            "sys.exit(model().objects.exists())"
        )
        env = {**self.env, "DJANGO_SETTINGS_MODULE": "marketplace.settings"}
        return self.supervisor.run([sys.executable, "-c", question], cwd=CHECKOUT, env=env) == 0

    # --- the site -----------------------------------------------------------------------------------------
    def start_site(self) -> bool:
        start = self.supervisor.start
        start(parts.web(self.env, self.logs, self.sockets))
        start(parts.worker(self.env, self.logs))
        start(parts.beat(self.env, self.logs, self.home))
        ready = self.supervisor.watch(lambda: probe.answers(self.port, seconds=2), seconds=120)
        if not ready and not self.supervisor.stopping:
            raise SystemExit(
                f"The web server does not answer ({self.logs / 'web.log'}):\n{tail(self.logs / 'web.log')}"
            )
        # Worker and beat show themselves a moment later; the address is of use even if they do not.
        self.supervisor.watch(lambda: probe.answers(self.port, "/healthz", seconds=3), seconds=20)
        return ready

    def announce(self) -> None:
        say("  worker    Celery, 2 processes; beat wakes it when something is due")
        say(f"  logs      {shown(self.logs)}; e-mails that the site sends: {shown(self.home / 'mail')}")
        say(f"\nFoothold is ready: {self.env['SITE_URL']}")
        if self.demo and (self.home / "demo.done").exists():
            say("Sign in with the password foothold-demo as")
            for name, what in SIGN_INS:
                say(f"  {name + '@example.com':24}{what}")
        say("Ctrl-C stops everything.")

    def run(self) -> int:
        self.take_lock()
        self.supervisor.listen()
        try:
            self.stop_left_overs()
            if self.begin():
                self.supervisor.watch()
            say("\nStopping ...")
            return 0
        except SystemExit as error:
            if error.code:
                say(str(error.code))
            return 1
        finally:
            self.end()
            say("Everything is stopped.")

    def end(self) -> None:
        self.supervisor.stop()
        (self.home / "services.json").unlink(missing_ok=True)
        if self.folder:
            shutil.rmtree(self.folder, ignore_errors=True)

    def begin(self) -> bool:
        """Start everything; False when asked to stop meanwhile."""
        self.port, self.sockets = ports.listen(self.wanted_port)
        if self.port != self.wanted_port:
            say(f"Port {self.wanted_port} is taken; using {self.port}.")
        stripe_port = ports.free() if self.offline_stripe and parts.has_command("sandbox") else None
        self.env = {
            **parts.defaults(self.home, self.port, stripe_port),
            **os.environ,
            "PYTHONUNBUFFERED": "1",
        }
        say(f"  web       {self.env['SITE_URL']}")
        self.supervisor.waiting = self.sockets
        self.start_servers()
        if self.supervisor.stopping or not self.prepare_database():
            return False
        if stripe_port:
            self.supervisor.start(parts.stripe(self.env, self.logs, stripe_port))
            say(f"  payments  offline Stripe at {self.env['STRIPE_API_BASE']}; no real money moves")
        else:
            named = "STRIPE_SECRET_KEY" in os.environ
            say(f"  payments  {'Stripe' if named else 'off: STRIPE_SECRET_KEY is not set'}")
        if not self.fill_demo():
            return False
        self.supervisor.waiting = []
        if not self.start_site():
            return False
        self.announce()
        return True


def main(with_parent: bool = False, port: int | None = None) -> int:
    if with_parent:
        processes.die_with_parent(signal.SIGTERM, os.getppid())
    try:
        return Serve(port=port or int(os.environ.get("PORT") or 8000)).run()
    except SystemExit as error:  # before anything was started
        say(str(error.code))
        return 1
