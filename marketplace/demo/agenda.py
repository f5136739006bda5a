"""Time in the demo world: stories wake in the order of their clocks, and every day the site's own clocks run.

A story is a generator that acts and then yields how long it sleeps (a `timedelta`). Because all stories share the one
movable clock, what they leave behind is what people would have left: no row is written "in the past".
"""

import heapq
import itertools
from collections.abc import Iterator
from datetime import datetime, time, timedelta

from django.core.exceptions import ValidationError

from marketplace.celery import app
from marketplace.ground import clock
from marketplace.ground.errors import Refused

from . import bank

DAILY = (
    "posting.close_due",
    "matching.waves",
    "applying.answer_clock",
    "hiring.offer_clock",
    "hiring.funds_clock",
    "working.kickoff_clock",
    "working.extension_clock",
    "reviewing.window_clock",
    "applying.reminders",
    "hiring.reminders",
    "working.reminders",
    "search.reminders",
    "inviting.clock",
    "inviting.reminders",
    "alerting.sweep",
    "alerting.digests",
    "disputing.reminders",
    "exposing.weeks",
    "reviewing.reminders",
    "payments.retry_waiting",
)
# What people are promised to the hour.
HOURLY = (
    "working.review_clock",
    "working.cancel_clock",
    "disputing.clock",
    "payments.release_due",
    "payments.drain_calls",
)


class Agenda:
    def __init__(self, start: datetime, end: datetime):
        self.start, self.end = start, end
        self._heap: list = []
        self._number = itertools.count()

    def add(self, story: Iterator, at: datetime) -> None:
        heapq.heappush(self._heap, (at, next(self._number), story))

    def run(self, say=lambda text: None) -> None:
        """Play everything up to `end`; what would come later stays open, as on any day of a living site."""
        self.add(self._days(), datetime.combine(self.start, time(13, 5), self.start.tzinfo))
        self.add(self._hours(), self.start)
        while self._heap and self._heap[0][0] <= self.end:
            at, _, story = heapq.heappop(self._heap)
            if at > clock.now():
                clock.advance(at - clock.now())
            try:
                nap = next(story, None)
            except (Refused, ValidationError) as refusal:  # the rules ended this story; the others go on
                say(f"A story ended early: {refusal}")
                nap = None
            if nap is not None:
                self.add(story, clock.now() + nap)

    def _hours(self):
        app.loader.import_default_modules()
        while True:
            for name in HOURLY:
                app.tasks[name]()
            yield timedelta(hours=1)

    def _days(self):
        app.loader.import_default_modules()
        while True:
            for name in DAILY:
                app.tasks[name]()
            bank.settle()
            yield timedelta(days=1)


def at_hour(day: datetime, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), day.tzinfo)
