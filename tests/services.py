"""Starts the servers of a test run. Loaded early (`-p tests.services`): settings are read before conftests.

The process that was started by hand owns the servers; xdist's workers inherit their addresses and get a
Valkey database, a clock and folders of their own. Variables of the developer's shell do not steer the tests.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

# What may come from outside; everything else that the settings read is set here or left at its default.
STEERING = (
    "DATABASE_URL",
    "REDIS_URL",
    "CELERY_BROKER_URL",
    "SECRET_KEY",
    "ALLOWED_HOSTS",
    "CSRF_TRUSTED_ORIGINS",
    "SITE_URL",
    "DEBUG",
    "FOOTHOLD_DEMO",
    "FOOTHOLD_DATA",
    "PORT",
    "STRIPE_SECRET_KEY",
    "STRIPE_API_BASE",
    "STRIPE_WEBHOOK_SECRETS",
    "STRIPE_HOSTED_ORIGINS",
    "EMAIL_BACKEND",
    "EMAIL_URL",
    "DEFAULT_FROM_EMAIL",
    "GOOGLE_CLIENT_ID",
    "MICROSOFT_CLIENT_ID",
    "LINKEDIN_CLIENT_ID",
    "TRUSTED_PROXY_COUNT",
    "FOOTHOLD_REQUIRE_MFA",
    "CONN_MAX_AGE",
)


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config, parser, args):
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    if not worker:
        for name in STEERING:
            os.environ.pop(name, None)
        launcher = start_servers()
        early_config.add_cleanup(lambda: stop_servers(launcher))
    settle(worker)


def start_servers() -> subprocess.Popen:
    launcher = subprocess.Popen(
        [sys.executable, "-m", "marketplace.services.throwaway"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parent.parent,
    )
    line = launcher.stdout.readline()
    if not line:
        raise pytest.UsageError("The test servers did not start; the reason stands above.")
    started = json.loads(line)
    os.environ.update(
        DATABASE_URL=started["database"],
        FOOTHOLD_TESTING="1",
        FOOTHOLD_TEST_TEMPLATE=started["template"],
        FOOTHOLD_TEST_SOCKET=started["socket"],
        FOOTHOLD_TEST_FOLDER=started["folder"],
    )
    return launcher


def stop_servers(launcher: subprocess.Popen) -> None:
    launcher.stdin.close()
    try:
        launcher.wait(20)
    except subprocess.TimeoutExpired:
        launcher.kill()


def settle(worker: str) -> None:
    """Give this process its own Valkey databases, clock, mail and files."""
    number = int(worker.removeprefix("gw") or 0) + 1 if worker else 0
    socket, home = (
        os.environ["FOOTHOLD_TEST_SOCKET"],
        Path(os.environ["FOOTHOLD_TEST_FOLDER"]) / (worker or "main"),
    )
    for name in ("", "media", "mail", "static"):
        (home / name).mkdir(exist_ok=True)
    os.environ.update(
        REDIS_URL=f"unix://{socket}?db={number * 2}",
        CELERY_BROKER_URL=f"redis+socket://{socket}?virtual_host={number * 2 + 1}",
        FOOTHOLD_CLOCK_FILE=str(home / "clock"),
        MEDIA_ROOT=str(home / "media"),
        EMAIL_FILE_PATH=str(home / "mail"),
        STATIC_ROOT=str(home / "static"),
    )


def environment(**more: str) -> dict[str, str]:
    """For a child process (a worker, the offline Stripe) sharing this test's database, broker and clock."""
    from django.db import connection

    url = os.environ["DATABASE_URL"].replace("/foothold?", f"/{connection.settings_dict['NAME']}?")
    return {**os.environ, "DATABASE_URL": url, **more}
