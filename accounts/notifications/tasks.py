"""Delivery of mails and digests. Both only look for rows that are due."""

from celery import shared_task

from . import actions, delivery


@shared_task(name="notifications.send_mail")
def send_mail():
    delivery.send_pending()


@shared_task(name="notifications.digests")
def digests():
    actions.send_digests()
