"""The clock of saved searches. Each task finds what is due; twice, late or at once is the same."""

from datetime import timedelta

from celery import shared_task

from marketplace.ground import clock
from projects.posting.queries import open_now

from . import actions

LATE = timedelta(days=2)


@shared_task(name="alerting.run")
def run(project_id: int):
    actions.run_searches(project_id)


@shared_task(name="alerting.sweep")
def sweep() -> int:
    """Projects of the last days about which nobody was asked, because the message was lost."""
    rows = open_now().filter(search_run=None, published_at__gte=clock.now() - LATE).order_by("published_at")
    return sum(actions.run_searches(pk) for pk in rows.values_list("pk", flat=True)[:500])


@shared_task(name="alerting.digests")
def digests() -> int:
    return actions.send_due()
