"""The clock of a posting."""

from celery import shared_task

from . import actions, queries
from .models import Project


@shared_task(name="posting.close_due")
def close_due() -> int:
    """Close what nobody applied to; returns how many. What was applied to belongs to the clocks of applying."""
    due = (
        Project.objects.filter(queries.ended_empty()).order_by("apply_by").values_list("pk", flat=True)[:500]
    )
    return sum(actions.close_empty(pk) for pk in due)
