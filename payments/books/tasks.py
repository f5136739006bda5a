"""What beat wakes for the papers of money."""

from celery import shared_task

from . import actions


@shared_task(name="payments.issue_documents")
def issue_documents() -> int:
    """Invoices and credit notes for money that moved before they were written with it."""
    return actions.issue_missing()
