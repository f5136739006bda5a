"""Workers die at the worst moments: every mail still leaves, and a repeat can only happen in the crash window."""

import json
import os
import signal
import time
import urllib.error
from collections import Counter

import pytest

pytestmark = [pytest.mark.xdist_group("site")]

TELL = """
import django; django.setup()
from django.db import transaction
from accounts.models import User
from accounts.notifications.actions import notify
from accounts.notifications.kinds import MEMBERSHIP
user, _ = User.objects.get_or_create(email="kill@example.com", defaults=dict(name="Kill Bill", zone="UTC"))
for n in range({first}, {last}):
    with transaction.atomic():
        notify(user, MEMBERSHIP, thing=user, title="Numbered", part=str(n))
"""
MAILS, KILLS = 240, 6


def pids(site, part: str) -> list[int]:
    """The process of a part and its children, from what the supervisor wrote down."""
    record = json.loads((site.home / "services.json").read_text())
    parent = record["parts"].get(part, {}).get("pid")
    if not parent:
        return []
    try:
        with open(f"/proc/{parent}/task/{parent}/children") as children:
            return [parent, *map(int, children.read().split())]
    except FileNotFoundError:
        return []


def kill(site, part: str) -> int:
    done = 0
    for pid in pids(site, part):
        try:
            os.kill(pid, signal.SIGKILL)
            done += 1
        except ProcessLookupError:
            pass
    return done


def test_every_mail_leaves_although_the_worker_is_killed_again_and_again(site):
    killed = 0
    for n in range(KILLS):
        step = MAILS // KILLS
        site.python(TELL.format(first=n * step, last=(n + 1) * step))
        time.sleep(0.4)
        killed += bool(site.until(lambda: kill(site, "worker"), why="a worker to kill"))
    assert killed == KILLS

    site.until(
        lambda: (
            site.sql("SELECT count(*) FROM accounts_mail WHERE kind = 'membership' AND state = 'sent'")[0][0]
            == MAILS
        ),
        seconds=90,
        why="all mails are sent",
    )
    written = {row[0] for row in site.sql("SELECT message_id FROM accounts_mail WHERE kind = 'membership'")}
    left = Counter(str(m["Message-ID"]) for m in site.mails_to("kill@example.com"))
    assert set(left) == written  # none lost, and none that nobody wrote
    assert sum(left.values()) - MAILS <= killed * 2  # at most the one each process had in hand


def test_telling_again_after_the_crash_repeats_nothing(site):
    told = "SELECT count(*) FROM accounts_notification WHERE kind = 'membership'"
    site.python(TELL.format(first=0, last=MAILS))
    before = site.sql(told)[0][0]
    site.python(TELL.format(first=0, last=MAILS))
    assert site.sql(told)[0][0] == before == MAILS


def test_what_was_killed_shows_on_the_health_page_until_it_is_back(site):
    site.until(lambda: json.loads(site.get("/healthz")), why="well at first")
    site.sql("UPDATE ground_heartbeat SET seen_at = seen_at - interval '10 minutes' RETURNING part")
    with pytest.raises(urllib.error.HTTPError) as ill:
        site.get("/healthz")
    assert ill.value.code == 503
    site.until(lambda: _well(site), seconds=60, why="the next heartbeat")


def _well(site) -> bool:
    try:
        site.get("/healthz")
        return True
    except urllib.error.HTTPError:
        return False
