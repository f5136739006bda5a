"""Telling people. Everything here runs inside the caller's transaction: the rows are the queue, workers deliver."""

from datetime import datetime, timedelta
from hashlib import sha256

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.template.loader import render_to_string
from django.urls import reverse

from marketplace.ground import calendar, clock, ids, policy
from marketplace.ground.errors import Invalid
from marketplace.ground.nudge import nudge

from . import stoppers
from .kinds import KINDS, Kind
from .models import Mail, Notification, Preference, UnsubscribeToken

UNREAD_SHOWN = 99


def notify(
    user,
    kind: Kind,
    *,
    thing: models.Model,
    title: str,
    body: str = "",
    url: str = "",
    label: str = "",
    deadline: datetime | None = None,
    part: str = "",
    reminder: bool = False,
    mail: bool = True,
) -> Notification | None:
    """Tell `user` once per (kind, thing, deadline); returns the row, or None when it was already told.

    thing: the row it is about. deadline: the instant it reminds of, so that a moved deadline reminds anew.
    part: tells apart several notices of one thing and deadline ("48h", "4h"). body: plain text, paragraphs
    split by blank lines. url: a path of this site. reminder: its mail waits for the end of the reader's
    quiet hours. Mail follows the person's preference for the kind; `mail=False` leaves it to the caller.
    """
    stamp = (deadline.strftime("%Y%m%dT%H%M%S") if deadline else "") + (f"/{part}" if part else "")
    how = wanted(user, kind)
    row, new = _write_once(
        user=user,
        kind=kind.slug,
        thing=f"{thing._meta.label_lower}:{thing.pk}",
        deadline=stamp,
        defaults={
            "title": title[:200],
            "body": body,
            "url": url,
            "label": label,
            "created_at": clock.now(),
            "wants_digest": how if mail and how in ("daily", "weekly") else "",
        },
    )
    if not new:
        return None
    if mail and how == Preference.How.INSTANT:
        after = clock.now()
        _mail_of(row, kind, user, calendar.after_quiet(after, user.zone) if reminder else after)
    return row


def _write_once(defaults, **key):
    """get_or_create that leaves the outer transaction whole when another process wins the race."""
    try:
        with transaction.atomic():
            return Notification.objects.get_or_create(**key, defaults=defaults)
    except IntegrityError:
        return Notification.objects.get(**key), False


def wanted(user, kind: Kind) -> str:
    """How `user` wants this kind (a `Preference.How`)."""
    if kind.always:
        return Preference.How.INSTANT
    chosen = Preference.objects.filter(user=user, kind=kind.slug).values_list("how", flat=True).first()
    return chosen or kind.default


def _mail_of(row: Notification, kind: Kind, user, send_after: datetime) -> None:
    subject = f"[Action needed] {row.title}" if kind.action else row.title
    link = settings.SITE_URL + reverse("notifications:open", args=[row.public_id]) if row.url else ""
    context = {
        "title": row.title,
        "paragraphs": paragraphs(row.body),
        "link": link,
        "label": row.label or "Open",
        "why": f"You get this because of “{kind.title}” in your notification settings.",
    }
    queue_mail(
        to=user.email,
        user=user,
        kind=kind.slug,
        key=f"notification:{row.pk}",
        subject=subject,
        template="emails/notification",
        context=context,
        unsubscribe=not kind.always,
        send_after=send_after,
    )


def paragraphs(text: str) -> list[str]:
    return [part.strip() for part in text.split("\n\n") if part.strip()]


def queue_mail(
    *,
    to: str,
    subject: str,
    kind: str,
    key: str,
    user=None,
    template: str = "",
    context=None,
    text: str = "",
    html: str = "",
    unsubscribe: bool = False,
    part: str = "",
    send_after: datetime | None = None,
) -> Mail | None:
    """Write an e-mail into the outbox; a worker sends it after commit. None when `key` was queued before.

    template: `x` renders `x.txt` and `x.html` with `context` (and the brand); otherwise give `text` (and `html`).
    unsubscribe: adds the one-click headers and the link in the footer for `user` and `kind` (or a `part` of it).
    """
    if template:
        stop = ""
        if unsubscribe and user is not None:
            stop = unsubscribe_url(user, kind, part)
        context = {
            **(context or {}),
            "brand": policy.brand(),
            "site_url": settings.SITE_URL,
            "subject": subject,
            "unsubscribe_url": stop,
            "settings_url": settings.SITE_URL + reverse("notifications:settings"),
        }
        text, html = (
            render_to_string(f"{template}.txt", context),
            render_to_string(f"{template}.html", context),
        )
    host = settings.SITE_URL.split("//")[-1].split(":")[0].split("/")[0]
    message_id = f"<{sha256(key.encode()).hexdigest()[:24]}.{ids.public_id()}@{host}>"
    try:
        with transaction.atomic():
            mail, new = Mail.objects.get_or_create(
                key=key,
                defaults={
                    "message_id": message_id,
                    "user": user,
                    "to": to,
                    "kind": kind,
                    "subject": " ".join(subject.split())[:250],
                    "text": text,
                    "html": html,
                    "unsubscribe": unsubscribe,
                    "part": part,
                    "send_after": send_after or clock.now(),
                    "created_at": clock.now(),
                },
            )
    except IntegrityError:
        return None
    if not new:
        return None
    nudge("notifications.send_mail")
    return mail


def retry_mail(*, mail: Mail) -> bool:
    """Put a mail that was given up back into the queue; False when it is not one of those."""
    won = Mail.objects.filter(pk=mail.pk, state=Mail.State.FAILED).update(
        state=Mail.State.PENDING, attempts=0, error="", leased_until=None, send_after=clock.now()
    )
    if won:
        nudge("notifications.send_mail")
    return bool(won)


def unsubscribe_url(user, kind: str, part: str = "") -> str:
    """The address in a mail that stops its kind, or only the `part` of it that a room knows (`stoppers`)."""
    token, _ = UnsubscribeToken.objects.get_or_create(user=user)
    return stop_address(token.token, kind, part)


def stop_address(token: str, kind: str, part: str = "") -> str:
    args = [token, kind, part] if part else [token, kind]
    return settings.SITE_URL + reverse("notifications:unsubscribe", args=args)


def unsubscribe(token: str, kind: str, part: str = "") -> bool:
    """One click: this kind comes only in the app from now on. False when the link is not one of ours.

    part: stop only this piece of the kind, which the room that sends it knows by that name.
    """
    known = UnsubscribeToken.objects.filter(token=token).select_related("user").first()
    if known is None or kind not in KINDS or KINDS[kind].always:
        return False
    if part:
        return kind in stoppers.STOPPERS and stoppers.STOPPERS[kind].stop(known.user, part)
    Preference.objects.update_or_create(user=known.user, kind=kind, defaults={"how": Preference.How.APP})
    Mail.objects.filter(user=known.user, kind=kind, state=Mail.State.PENDING).update(
        state=Mail.State.CANCELLED
    )
    return True


def set_preferences(*, by, choices: dict[str, str]) -> None:
    """How `by` wants each kind: `{kind slug: Preference.How}`. Raises `Invalid` for an unknown kind or a fixed one."""
    for slug, how in choices.items():
        if slug not in KINDS or KINDS[slug].always or how not in Preference.How.values:
            raise Invalid({slug: ["This kind cannot be set that way."]})
    with transaction.atomic():
        for slug, how in choices.items():
            Preference.objects.update_or_create(user=by, kind=slug, defaults={"how": how})


def mark_read(*, by, notifications) -> int:
    """Mark some of one's own notifications (a queryset) as read."""
    return notifications.filter(user=by, read_at=None).update(read_at=clock.now())


def send_digests() -> int:
    """Collect what people want daily or weekly into one mail each; returns how many mails were queued.

    Daily after 24 hours of the oldest waiting notice, weekly after seven days. The key names the newest
    notice, and the notices are marked in the same transaction, so that nothing is told twice.
    """
    sent = 0
    for how, age in (("daily", timedelta(hours=24)), ("weekly", timedelta(days=7))):
        waiting = Notification.objects.filter(
            wants_digest=how, digested_at=None, created_at__lte=clock.now() - age, user__is_active=True
        )
        for user_id in waiting.values_list("user_id", flat=True).distinct().order_by()[:500]:
            sent += _send_digest(user_id, how)
    return sent


@transaction.atomic
def _send_digest(user_id: int, how: str) -> int:
    rows = list(
        Notification.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(user_id=user_id, wants_digest=how, digested_at=None)
        .select_related("user")
        .order_by("created_at")[:50]
    )
    if not rows:
        return 0
    user = rows[0].user
    items = [
        {
            "title": r.title,
            "paragraphs": paragraphs(r.body)[:1],
            "link": settings.SITE_URL + reverse("notifications:open", args=[r.public_id]) if r.url else "",
        }
        for r in rows
    ]
    title = f"{len(rows)} things from your {how} digest" if len(rows) > 1 else rows[0].title
    queue_mail(
        to=user.email,
        user=user,
        kind="digest",
        key=f"digest:{how}:{user_id}:{rows[-1].pk}",
        subject=title,
        template="emails/digest",
        context={"title": title, "items": items, "why": f"You asked for these {how}."},
        send_after=calendar.after_quiet(clock.now(), user.zone),
    )
    Notification.objects.filter(pk__in=[r.pk for r in rows]).update(digested_at=clock.now())
    return 1
