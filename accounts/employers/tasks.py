"""What time does to invitations."""

from celery import shared_task

from . import actions


@shared_task(name="employers.expire_invites")
def expire_invites():
    return actions.expire_invites()
