"""Telling many people one thing: their notices and mails are written by one statement, inside the database.

No list of people travels through Python or the broker. Who was told before (`told_once`) is left out by the database
itself, so that a repeated or doubled call writes nothing, and what is killed half-way has written nothing.
"""

from secrets import randbits

from django.conf import settings
from django.db import connection, models, transaction
from django.template.loader import render_to_string
from django.urls import reverse

from marketplace.ground import calendar, clock, policy
from marketplace.ground.nudge import nudge

from .actions import paragraphs
from .kinds import Kind
from .models import Letter, Mail, Notification
from .stamping import OPEN, STOP, WHY

# The letter is written by whoever tells of the thing first, and others wait for it: nobody can have been told before.
UNLESS_TOLD = "ON CONFLICT (user_id, kind, thing, deadline) DO NOTHING"
WRITE = """
WITH audience (user_id, why, part) AS ({audience}),
quiet (zone, until) AS (SELECT * FROM unnest(%s::text[], %s::timestamptz[])),
person AS MATERIALIZED (
    SELECT a.user_id, a.why, a.part, u.email, coalesce(q.until, %s) AS send_after, coalesce(p.how, %s) AS how
    FROM audience a
    JOIN accounts_user u ON u.id = a.user_id AND u.is_active AND u.suspended_at IS NULL
    LEFT JOIN accounts_preference p ON p.user_id = a.user_id AND p.kind = %s AND NOT %s
    LEFT JOIN quiet q ON q.zone = u.zone
),
told AS (
    INSERT INTO accounts_notification
        (public_id, user_id, kind, thing, deadline, title, body, url, label, created_at, wants_digest)
    SELECT right(to_hex(hashint8extended(user_id, %s)), 12), user_id, %s, %s, '', %s,
        CASE WHEN why = '' THEN %s ELSE why || E'\\n\\n' || %s END, %s, %s, %s,
        CASE WHEN how IN ('daily', 'weekly') THEN how ELSE '' END
    FROM person
    {unless_told}
    RETURNING id, public_id, user_id
),
mailed AS (
    INSERT INTO accounts_mail
        (key, message_id, user_id, "to", kind, subject, text, html, letter_id, words, part, unsubscribe, state,
         send_after, attempts, error, created_at)
    SELECT 'notification:' || told.id, '<' || to_hex(hashint8extended(user_id, %s)) || '.' || told.public_id || %s, user_id, email, %s,
        %s, '', '', %s, jsonb_build_object('open', told.public_id, 'why', why), part, %s, 'pending',
        send_after, 0, '', %s
    FROM told JOIN person USING (user_id)
    WHERE how = 'instant'
    RETURNING 1
)
SELECT (SELECT count(*) FROM told), (SELECT count(*) FROM mailed)
"""


@transaction.atomic
def tell_many(
    kind: Kind,
    *,
    thing: models.Model,
    audience: str,
    values: list,
    title: str,
    body: str,
    url: str,
    label: str,
    personal: bool = True,
) -> int:
    """Tell everybody in `audience` once of `thing`; returns how many were told now.

    audience: a SELECT of (user_id, why, part), one row a person, with `values` for its %s: `why` is a paragraph for
    this person alone ("" for none), `part` what one click in the mail stops ("" for the kind). personal: whether the
    mail has a place for `why`. The other parameters as in `notify`. Mails wait for the end of each reader's quiet
    hours; digests and "only in the app" are respected.
    """
    now, name = clock.now(), f"{thing._meta.label_lower}:{thing.pk}"
    letter, first = _letter(kind, name, title, [WHY] * personal + paragraphs(body), label)
    quiet = calendar.quiet_zones(now)
    title, host = title[:200], settings.SITE_URL.split("//")[-1].split(":")[0].split("/")[0]
    subject = f"[Action needed] {title}" if kind.action else title
    with connection.cursor() as cursor:
        cursor.execute(
            WRITE.format(audience=audience, unless_told="" if first else UNLESS_TOLD),
            [
                *values,
                list(quiet),
                list(quiet.values()),
                now,
                "instant" if kind.always else kind.default,
                kind.slug,
                kind.always,
                randbits(
                    63
                ),  # random once: hashed with each person's number it makes as many ids as there are people
                kind.slug,
                name,
                title,
                body,
                body,
                url,
                label,
                now,
                randbits(63),
                f"@{host}>",
                kind.slug,
                " ".join(subject.split())[:250],
                letter.pk,
                not kind.always,
                now,
            ],
        )
        told, mailed = cursor.fetchone()
    if mailed:
        nudge("notifications.send_mail")
    return told


def _letter(kind: Kind, name: str, title: str, words: list[str], label: str) -> tuple[Letter, bool]:
    """The mail of everybody, rendered once, and whether that was now."""
    context = {
        "title": title,
        "paragraphs": words,
        "link": settings.SITE_URL + OPEN,
        "label": label or "Open",
        "why": f"You get this because of “{kind.title}” in your notification settings.",
        "brand": policy.brand(),
        "site_url": settings.SITE_URL,
        "subject": title,
        "unsubscribe_url": "" if kind.always else STOP,
        "settings_url": settings.SITE_URL + reverse("notifications:settings"),
    }
    text, html = (render_to_string(f"emails/notification.{form}", context) for form in ("txt", "html"))
    return Letter.objects.get_or_create(
        key=f"{kind.slug}:{name}"[:120], defaults={"text": text, "html": html, "created_at": clock.now()}
    )


@transaction.atomic
def call_off(kind: Kind, *, thing: models.Model, users) -> int:
    """`thing` is over: mails about it that still wait are not sent, and unread notices of `users` (keys) go.

    Returns how many mails were stopped.
    """
    name = f"{thing._meta.label_lower}:{thing.pk}"
    stopped = Mail.objects.filter(letter__key=f"{kind.slug}:{name}"[:120], state=Mail.State.PENDING).update(
        state=Mail.State.CANCELLED
    )
    Notification.objects.filter(user__in=users, kind=kind.slug, thing=name, read_at=None).delete()
    return stopped
