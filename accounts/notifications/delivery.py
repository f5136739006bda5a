"""Draining the outbox of mails.

A mail is claimed by a lease (one conditional UPDATE with SKIP LOCKED), sent outside any transaction, then
marked. A worker killed between the server's "250" and our commit sends it again under the same Message-ID, which
mail programs fold into one; nothing is lost, and nothing else is ever sent twice.
"""

import logging
import smtplib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives, get_connection
from django.db import connection as database
from django.db import transaction
from django.db.models import F, Q
from django.urls import reverse

from marketplace.ground import clock
from marketplace.ground.nudge import nudge

from . import stamping
from .actions import stop_address
from .kinds import ACCOUNT
from .models import Letter, Mail, UnsubscribeToken

log = logging.getLogger(__name__)
LEASE = timedelta(seconds=settings.MAIL_LEASE_SECONDS)
MAX_ATTEMPTS = 12
BATCH = 500
MARK_SENT = """
    UPDATE accounts_mail SET state = 'sent', sent_at = %s, leased_until = NULL, error = '',
        text = CASE WHEN kind = %s THEN '' ELSE text END, html = CASE WHEN kind = %s THEN '' ELSE html END
    WHERE id = %s AND state = 'pending'
"""


def send_pending(limit: int = 5000) -> int:
    """Send what is due, at most `limit` mails over one connection per batch; returns how many went out.

    When there is more, a worker is woken for the rest, so that one task does not hold a worker for an hour.
    """
    sent = 0
    while sent < limit:
        mails = _claim(min(BATCH, limit - sent))
        if not mails:
            return sent
        sent += _send(mails)
    nudge("notifications.send_mail")
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


@dataclass(frozen=True)
class Post:
    """What the mails of one batch share: the letters they fill in, and the secret of each person's way out."""

    letters: dict[int, Letter]
    tokens: dict[int, str]
    heads: dict[int, bytes] = field(default_factory=dict)

    @classmethod
    def of(cls, mails: Iterable[Mail]) -> "Post":
        """Two queries, and two more for people who have no secret yet."""
        letters = Letter.objects.in_bulk({m.letter_id for m in mails if m.letter_id})
        people = {m.user_id for m in mails if m.unsubscribe and m.user_id}
        known = UnsubscribeToken.objects.filter(user__in=people)
        tokens = dict(known.values_list("user_id", "token"))
        if len(tokens) < len(people):
            missing = [UnsubscribeToken(user_id=user) for user in people - set(tokens)]
            UnsubscribeToken.objects.bulk_create(missing, ignore_conflicts=True)
            tokens = dict(known.values_list("user_id", "token"))
        return cls(letters, tokens)

    def stop(self, mail: Mail) -> str:
        token = self.tokens.get(mail.user_id) if mail.unsubscribe else None
        return stop_address(token, mail.kind, mail.part) if token else ""


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
    post = Post.of(mails)
    with connection:
        for place, mail in enumerate(mails):
            if datetime.now(UTC) > until:
                Mail.objects.filter(pk__in=[m.pk for m in mails[place:]]).update(
                    leased_until=None, attempts=F("attempts") - 1
                )
                break
            try:
                message(mail, connection, post).send()
            except (smtplib.SMTPException, OSError, ValueError) as error:
                _failed(mail, error)
                continue
            _mark_sent(mail)
            done += 1
    return done


def _mark_sent(mail: Mail) -> None:
    """Right after each mail, so that a worker that dies repeats at most the one in its hand.

    Codes and sign-in links are nobody's business once they are sent: such a mail keeps no text.
    """
    with database.cursor() as cursor:
        cursor.execute(MARK_SENT, (clock.now(), ACCOUNT.slug, ACCOUNT.slug, mail.pk))


def message(mail: Mail, connection=None, post: Post | None = None) -> EmailMessage:
    """The e-mail as it goes out: text, HTML, its own Message-ID and, where it may be stopped, the RFC 8058 headers."""
    post = post or Post.of([mail])
    stop, sender = post.stop(mail), settings.DEFAULT_FROM_EMAIL
    text, html = _texts(mail, post, stop)
    if mail.letter_id and stamping.PLAIN_ADDRESS.fullmatch(mail.to):
        shared = post.heads.get(mail.letter_id)
        if shared is None:
            shared = post.heads[mail.letter_id] = stamping.head(mail.subject, sender)
        raw = stamping.stamp(shared, to=mail.to, message_id=mail.message_id, stop=stop, text=text, html=html)
        return stamping.Stamped(raw, sender=sender, to=mail.to, connection=connection)
    headers = {"Message-ID": mail.message_id, "Auto-Submitted": "auto-generated"}
    if stop:
        headers["List-Unsubscribe"] = f"<{stop}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    built = EmailMultiAlternatives(
        mail.subject, text, sender, [mail.to], headers=headers, connection=connection
    )
    if html:
        built.attach_alternative(html, "text/html")
    return built


def _texts(mail: Mail, post: Post, stop: str) -> tuple[str, str]:
    """The mail's own texts, or its letter with the marks filled in."""
    if not mail.letter_id:
        return mail.text, mail.html
    letter = post.letters[mail.letter_id]
    link = reverse("notifications:open", args=[mail.words["open"]])
    return stamping.fill(letter.text, letter.html, link=link, stop=stop, why=mail.words.get("why", ""))


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
