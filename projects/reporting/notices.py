"""What a person who reported something is told."""

from django.urls import reverse

from accounts.notifications.actions import notify
from accounts.notifications.kinds import kind

from .models import Report
from .states import ReportState

ANSWERED = kind("report_answered", "An answer to what you reported", group="Safety", always=True)


def answered(report: Report) -> None:
    if report.reporter is None:
        return
    upheld = report.state == ReportState.UPHELD
    first = (
        "You were right to tell us, and we have acted."
        if upheld
        else "We looked at it and found no breach of the rules."
    )
    notify(
        report.reporter,
        ANSWERED,
        thing=report,
        title=f"Your report: {report.get_state_display().lower()}",
        body=f"{first}\n\n{report.answer}",
        url=reverse("reporting:mine"),
        label="See your reports",
    )
