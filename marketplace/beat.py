"""What beat wakes and how often. Every task finds the rows that are due and is safe to run twice, late, or at once.

Seconds; kept in code so that it is reviewed with the tasks it names.
"""

from celery.schedules import crontab

SCHEDULE = {
    "heartbeat": {"task": "ground.heartbeat", "schedule": 15.0, "options": {"expires": 15}},
}


def every(seconds: float, *tasks: str) -> None:
    for task in tasks:
        SCHEDULE[task] = {"task": task, "schedule": seconds, "options": {"expires": max(seconds, 5)}}


every(15, "notifications.send_mail", "payments.drain_calls", "payments.drain_events")
every(
    60,
    "posting.close_due",
    "applying.answer_clock",
    "hiring.offer_clock",
    "inviting.clock",
    "hiring.funds_clock",
    "working.kickoff_clock",
    "working.review_clock",
    "working.extension_clock",
    "working.cancel_clock",
    "disputing.clock",
    "reviewing.window_clock",
    "payments.retry_waiting",
    "payments.release_due",
    "payments.wallets",
)
every(
    300,
    "notifications.digests",
    "matching.waves",
    "matching.sweep",
    "payments.poll_events",
    "payments.disputes_clock",
    "applying.reminders",
    "hiring.reminders",
    "working.reminders",
    "disputing.reminders",
    "search.reminders",
    "search.sweep",
    "exposing.count",
    "alerting.sweep",
    "alerting.digests",
    "inviting.reminders",
    "reviewing.reminders",
)
every(50, "search.warm")
every(
    3600,
    "exposing.weeks",
    "search.rebuild_words",
    "users.expire",
    "employers.expire_invites",
    "payments.hold_limits",
    "payments.reconcile",
    "payments.issue_documents",
    "ground.forget_forms",
)
every(3600, "sponsoring.clock", "sponsoring.reminders", "search.mend_sponsors")
every(24 * 3600, "matching.weigh")
every(6 * 3600, "search.compare")


def nightly(hour: int, *tasks: str) -> None:
    """At this hour, UTC: a restart of beat neither repeats it nor puts it off."""
    for task in tasks:
        SCHEDULE[task] = {
            "task": task,
            "schedule": crontab(hour=hour, minute=17),
            "options": {"expires": 3600},
        }


nightly(3, "payments.reconcile_full", "payments.scrub")
