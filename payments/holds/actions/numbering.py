"""The numbers of papers: receipts, invoices, credit notes. Each series counts by itself and by the operator's years."""

from datetime import datetime
from zoneinfo import ZoneInfo

from marketplace.ground import policy

from ..models import PaperCounter

RECEIPTS = "R"


def next_number(series: str, at: datetime) -> str:
    """`2026-000001`, the next of the year in which `at` falls at the operator's place; no gaps, because the number
    is taken under a lock in the transaction that writes the paper.
    """
    year = at.astimezone(ZoneInfo(policy.current().zone)).year
    PaperCounter.objects.get_or_create(series=series, year=year)
    counter = PaperCounter.objects.select_for_update().get(series=series, year=year)
    counter.last += 1
    counter.save(update_fields=["last"])
    return f"{year}-{counter.last:06d}"
