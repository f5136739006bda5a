"""Draining the outbox of mails.

A mail is claimed by a lease (one conditional UPDATE with SKIP LOCKED), sent outside any transaction, then
marked. A worker killed between the server's "250" and our commit sends it again under the same Message-ID, which
mail programs fold into one; nothing is lost, and nothing else is ever sent twice.
"""

import logging
import smtplib
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import transaction
from django.db.models import F, Q

from marketplace.ground import clock

from .kinds import ACCOUNT
from .models import Mail, UnsubscribeToken

log = logging.getLogger(__name__)
LEASE = timedelta(seconds=settings.MAIL_LEASE_SECONDS)
MAX_ATTEMPTS = 12
BATCH = 50


def send_pending(limit: int = 500) -> int:
    """Send what is due, at most `limit` mails over one connection per batch; returns how many went out."""
    sent = 0
    while sent < limit:
        mails = _claim(min(BATCH, limit - sent))
        if not mails:
            break
        sent += _send(mails)
    return sent


@transaction.atomic
def _claim(count: int) -> list[Mail]:
    now = datetime.now(UTC)  # leases run on real time
    rows = list(
        Mail.objects.select_for_update(skip_locked=True)
        .filter(
            Q(leased_until=None) | Q(leased_until__lt=now),
            state=Mail.State.PENDING,
            send_after__lte=clock.now(),
        )
        .order_by("send_after", "pk")[:count]
    )
    Mail.objects.filter(pk__in=[m.pk for m in rows]).update(
        leased_until=now + LEASE, attempts=F("attempts") + 1
    )
    return rows


def _send(mails: list[Mail]) -> int:
    done = 0
    connection = get_connection()
    try:
        connection.open()
    except (smtplib.SMTPException, OSError) as error:
        for mail in mails:
            _failed(mail, error)
        return 0
    until = (
        datetime.now(UTC) + LEASE * 2 / 3
    )  # a slow server must not outlast the lease: the rest is given back
    with connection:
        for place, mail in enumerate(mails):
            if datetime.now(UTC) > until:
                Mail.objects.filter(pk__in=[m.pk for m in mails[place:]]).update(leased_until=None)
                break
            try:
                message(mail, connection).send()
            except (smtplib.SMTPException, OSError, ValueError) as error:
                _failed(mail, error)
                continue
            Mail.objects.filter(pk=mail.pk, state=Mail.State.PENDING).update(
                state=Mail.State.SENT, sent_at=clock.now(), leased_until=None, error="", **_forgotten(mail)
            )
            done += 1
    return done


def _forgotten(mail: Mail) -> dict:
    """Codes and sign-in links are nobody's business once they are sent: such a mail keeps no text."""
    return {"text": "", "html": ""} if mail.kind == ACCOUNT.slug else {}


def message(mail: Mail, connection=None) -> EmailMultiAlternatives:
    """The e-mail as it goes out: text, HTML, its own Message-ID and, where it may be stopped, the RFC 8058 headers."""
    headers = {"Message-ID": mail.message_id, "Auto-Submitted": "auto-generated"}
    if mail.unsubscribe and mail.user_id:
        token = UnsubscribeToken.objects.filter(user_id=mail.user_id).values_list("token", flat=True).first()
        if token:
            headers["List-Unsubscribe"] = f"<{settings.SITE_URL}/inbox/unsubscribe/{token}/{mail.kind}/>"
            headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    built = EmailMultiAlternatives(
        mail.subject,
        mail.text,
        settings.DEFAULT_FROM_EMAIL,
        [mail.to],
        headers=headers,
        connection=connection,
    )
    if mail.html:
        built.attach_alternative(mail.html, "text/html")
    return built


def _failed(mail: Mail, error: Exception) -> None:
    """Back off (30 s, doubling, at most an hour); a refused address or the last attempt ends it."""
    refused = isinstance(error, smtplib.SMTPRecipientsRefused | ValueError)
    attempts = mail.attempts + 1
    log.warning("mail %s not sent (attempt %s): %s", mail.pk, attempts, type(error).__name__)
    changes = {"leased_until": None, "error": type(error).__name__}
    if refused or attempts >= MAX_ATTEMPTS:
        changes["state"] = Mail.State.FAILED
    else:
        changes["leased_until"] = datetime.now(UTC) + timedelta(seconds=min(3600, 30 * 2 ** (attempts - 1)))
    Mail.objects.filter(pk=mail.pk, state=Mail.State.PENDING).update(**changes)
