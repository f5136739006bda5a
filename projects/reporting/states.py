"""The life of a report, as data."""

from django.db import models


class ReportState(models.TextChoices):
    OPEN = "open", "To be answered"
    UPHELD = "upheld", "Upheld"
    DISMISSED = "dismissed", "Dismissed"


REPORT_MOVES = {
    ReportState.OPEN: {ReportState.UPHELD, ReportState.DISMISSED},
    ReportState.UPHELD: set(),
    ReportState.DISMISSED: set(),
}
