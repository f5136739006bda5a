"""The clock can be moved for every process at once, and only where a clock file is named."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from marketplace.ground import clock
from tests.services import environment


def ahead() -> timedelta:
    return clock.now() - datetime.now(UTC)


def test_the_clock_moves_and_comes_back():
    clock.advance(timedelta(days=3))
    assert abs(ahead() - timedelta(days=3)) < timedelta(seconds=2)
    clock.reset()
    assert abs(ahead()) < timedelta(seconds=2)


@pytest.mark.django_db
def test_another_process_sees_the_same_time():
    clock.advance(timedelta(days=40))
    code = (
        "import django; django.setup(); from marketplace.ground import clock; print(clock.now().isoformat())"
    )
    out = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env=environment(DJANGO_SETTINGS_MODULE="marketplace.settings"),
    )
    assert abs(datetime.fromisoformat(out.stdout.strip()) - clock.now()) < timedelta(seconds=60)


def test_without_a_clock_file_time_is_real(settings):
    settings.CLOCK_FILE = ""
    with pytest.raises(RuntimeError):
        clock.advance(timedelta(days=1))
    assert abs(ahead()) < timedelta(seconds=2)
