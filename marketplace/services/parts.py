"""The parts of the site that a supervisor runs: web server, worker, beat, and the offline Stripe."""

import os
import secrets
import sys
from pathlib import Path

from . import processes
from .join import CHECKOUT
from .supervisor import Part

MANAGE = [sys.executable, "manage.py"]
# What other commands need in order to join, if serve set it.
SHARED = (
    "DATABASE_URL",
    "REDIS_URL",
    "CELERY_BROKER_URL",
    "SECRET_KEY",
    "FOOTHOLD_DEMO",
    "FOOTHOLD_CLOCK_FILE",
    "SITE_URL",
    "STRIPE_API_BASE",
    "STRIPE_HOSTED_ORIGINS",
    "MEDIA_ROOT",
    "EMAIL_FILE_PATH",
)


def is_true(name: str) -> bool:
    return os.environ.get(name, "").lower() in ("1", "true", "yes", "on", "ok", "y")


def has_command(name: str) -> bool:
    return any(
        True for place in ("*", "*/*") for _ in CHECKOUT.glob(f"{place}/management/commands/{name}.py")
    )


def secret_key(home: Path) -> str:
    """A key of this checkout's own, so that nobody else can sign for it; kept for the next start."""
    path = home / "secret-key"
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(48))
        return path.read_text()


def defaults(home: Path, port: int, stripe_port: int | None) -> dict[str, str]:
    """The variables that the site runs with unless the environment says otherwise."""
    values = {
        "SITE_URL": f"http://localhost:{port}",
        "SECRET_KEY": secret_key(home),
        "MEDIA_ROOT": str(home / "media"),
        "EMAIL_FILE_PATH": str(home / "mail"),
    }
    if is_true("FOOTHOLD_DEMO") or is_true("FOOTHOLD_TESTING"):
        values["FOOTHOLD_CLOCK_FILE"] = str(home / "clock")
    if stripe_port:
        address = f"http://127.0.0.1:{stripe_port}"
        values |= {
            "STRIPE_API_BASE": address,
            "STRIPE_HOSTED_ORIGINS": address,
            "FOOTHOLD_WEB_URL": f"http://127.0.0.1:{port}",
        }
    return values


def part(name: str, argv: list, env: dict, logs: Path, **more) -> Part:
    log = logs / f"{name}.log"
    fds = more.pop("pass_fds", ())

    def spawn():
        shorten(log)
        return processes.spawn(argv, log=log, env=env, cwd=CHECKOUT, pass_fds=fds)

    return Part(name, spawn, log, **more)


def shorten(log: Path, most: int = 5_000_000) -> None:
    """Put a long log aside, over the one put aside before."""
    try:
        if log.stat().st_size > most:
            log.replace(log.with_suffix(".old.log"))
    except FileNotFoundError:
        pass


def web(env: dict, logs: Path, sockets: list) -> Part:
    fds = [one.fileno() for one in sockets]
    argv = [sys.executable, "-m", "gunicorn", "-c", "marketplace/services/gunicorn.conf.py"]
    for fd in fds:
        argv += ["--bind", f"fd://{fd}"]
    return part("web", argv, env, logs, pass_fds=fds)


def worker(env: dict, logs: Path) -> Part:
    argv = [
        sys.executable,
        "-m",
        "celery",
        "-A",
        "marketplace.celery",
        "--quiet",
        "worker",
        "--pool",
        "prefork",
        "--concurrency",
        "2",
        "--without-gossip",
        "--without-mingle",
        "--loglevel",
        "WARNING",
    ]
    return part("worker", argv, env, logs)


def beat(env: dict, logs: Path, home: Path) -> Part:
    (home / "beat").mkdir(exist_ok=True)
    argv = [
        sys.executable,
        "-m",
        "celery",
        "-A",
        "marketplace.celery",
        "--quiet",
        "beat",
        "--loglevel",
        "WARNING",
        "--schedule",
        str(home / "beat" / "schedule"),
        "--pidfile",
        "",
    ]
    return part("beat", argv, env, logs)


def stripe(env: dict, logs: Path, port: int) -> Part:
    return part("stripe", [*MANAGE, "sandbox", "--port", str(port)], env, logs)
