"""Servers for one test run: `python -m marketplace.services.throwaway`.

Prints one line of JSON (`database`, `template`, `socket`, `folder`) when both answer, then waits for its
standard input to end, which it does however the owner ends, and stops the servers and deletes their data.
PostgreSQL starts from a copy of a migrated cluster that is kept in `.data/tests` while migrations, settings
and packages stay the same.
"""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from . import account as accounts
from . import processes
from .join import CHECKOUT
from .servers import Postgres, Valkey, wait_ready, write_json

PREFIX = "foothold-tests-"
TEMPLATE = "foothold_template"
KEPT = CHECKOUT / ".data" / "tests"


def fingerprint() -> str:
    """Changes when the migrated database could look different, or the servers run as somebody else."""
    here = Path(__file__).parent
    files = [
        CHECKOUT / "uv.lock",
        CHECKOUT / "marketplace/settings.py",
        here / "throwaway.py",
        here / "servers.py",
    ]
    for app in ("marketplace", "accounts", "payments", "projects"):
        files += (CHECKOUT / app).rglob("migrations/*.py")
    digest = hashlib.sha256(str(os.geteuid()).encode())
    for path in sorted(files):
        digest.update(str(path.relative_to(CHECKOUT)).encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def sweep() -> None:
    """Delete the data of runs whose owner was killed before it could."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        try:
            owner = json.loads((folder / "owner.json").read_text())
        except (OSError, ValueError):
            continue
        if not processes.is_running(owner["pid"], owner["identity"]):
            shutil.rmtree(folder, ignore_errors=True)


def migrate(postgres: Postgres) -> str:
    """Make the template database; returns the last line of the complaint if the migrations do not run."""
    postgres.make_database(TEMPLATE)
    env = {**os.environ, "DATABASE_URL": postgres.url(TEMPLATE), "FOOTHOLD_TESTING": "1"}
    done = subprocess.run(
        [sys.executable, "manage.py", "migrate", "--no-input", "--skip-checks", "-v0"],
        cwd=CHECKOUT,
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    return (done.stderr.strip() or "no reason given").splitlines()[-1] if done.returncode else ""


def copy(source: Path, target: Path) -> None:
    subprocess.run(["cp", "-Rp", str(source), str(target)], check=True)


def start_postgres(postgres: Postgres) -> tuple[subprocess.Popen, str]:
    """The running server and the name of its migrated template ("" when the migrations do not run)."""
    kept = KEPT / fingerprint()
    if (kept / "PG_VERSION").exists():
        copy(kept, postgres.data)
        child = postgres.spawn()
        wait_ready(postgres, child)
        return child, TEMPLATE
    print("tests: migrating the database that is kept for the next runs ...", file=sys.stderr, flush=True)
    child = postgres.spawn()
    wait_ready(postgres, child)
    complaint = migrate(postgres)
    if complaint:
        postgres.drop_database(TEMPLATE)
        print(f"tests: the migrations do not run: {complaint}", file=sys.stderr, flush=True)
        return child, ""
    processes.stop_all({"postgres": child}, {"postgres": postgres.stop_signal}, 20)
    keep(postgres.data, kept)
    child = postgres.spawn()
    wait_ready(postgres, child)
    return child, TEMPLATE


def keep(data: Path, kept: Path) -> None:
    """Put a copy of the stopped cluster aside, and drop those that no longer fit."""
    KEPT.mkdir(parents=True, exist_ok=True)
    half = Path(tempfile.mkdtemp(dir=KEPT, prefix="half-"))
    copy(data, half / "postgres")
    try:
        (half / "postgres").rename(kept)
    except OSError:
        pass  # another run was quicker
    shutil.rmtree(half, ignore_errors=True)
    older = sorted(
        (path for path in KEPT.iterdir() if path.name != kept.name), key=lambda path: path.stat().st_mtime
    )
    for path in older[:-2]:
        shutil.rmtree(path, ignore_errors=True)


def main() -> None:
    sweep()
    account = accounts.server_account()
    folder = accounts.short_folder(PREFIX, account)
    write_json(folder / "owner.json", {"pid": os.getpid(), "identity": processes.identity(os.getpid())})
    children, signals = {}, {}
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the owner's; it ends our standard input
    try:
        postgres = Postgres(folder, folder, folder / "postgres.log", account, throwaway=True)
        valkey = Valkey(folder, folder, folder / "valkey.log", account, throwaway=True)
        children["valkey"], signals["valkey"] = valkey.spawn(), valkey.stop_signal
        children["postgres"], template = start_postgres(postgres)
        signals["postgres"] = postgres.stop_signal
        wait_ready(valkey, children["valkey"])
        print(
            json.dumps(
                {
                    "database": postgres.url("foothold"),
                    "template": template,
                    "socket": str(valkey.socket),
                    "folder": str(folder),
                }
            ),
            flush=True,
        )
        while sys.stdin.buffer.read(4096):
            pass
    finally:
        processes.stop_all(children, signals, 10)
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
