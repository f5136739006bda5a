"""Telling many people of one publication: rows over COPY, and mails over building them in a plain loop.

The notices and mails of a publication are written for invented people inside a transaction that is taken back.
"""

import io
import secrets
import time
from contextlib import contextmanager
from pathlib import Path

from django.core.mail import EmailMultiAlternatives
from django.db import connection, transaction

from .registry import measure

PEOPLE, MAILS = 100_000, 5_000
TITLE = "A project that says in its title what it is about"
BODY = "Halden Bikes pays $675 for about 30 hours, $22.50 an hour.\n\nA findings deck of six slides."
MAKE = """
INSERT INTO accounts_user (password, is_superuser, public_id, surrogate, email, name, zone, is_active, is_staff,
    joined_at, suspended_reason, session_round)
SELECT '!', false, 'n' || n, gen_random_uuid(), 'notice' || n || '@example.com', 'Somebody', 'Etc/GMT', true, false,
    now(), '', 0 FROM generate_series(1, %s) n
RETURNING id
"""
COLUMNS = "public_id, user_id, kind, thing, deadline, title, body, url, label, created_at, wants_digest"


def _spent() -> float:
    """Seconds on a processor of this process and of the database's process that works for it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = cursor.fetchone()[0]
    return time.process_time() + int(Path(f"/proc/{backend}/schedstat").read_text().split()[0]) / 1e9


@contextmanager
def _invented(number: int):
    """So many people, for as long as the block runs."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(MAKE, [number])
            people = [row[0] for row in cursor.fetchall()]
            cursor.execute(
                "INSERT INTO accounts_unsubscribetoken (user_id, token) SELECT u, md5(u::text) FROM unnest(%s) u",
                [people],
            )
            cursor.execute("ANALYZE accounts_user")
        yield people
        transaction.set_rollback(True)


def _tell(people: list[int], number: int, how: str):
    from accounts.models import User
    from accounts.notifications.fanout import tell_many
    from accounts.notifications.kinds import kind

    which = kind(f"bench-{number}", "A measurement", group="Measurements", default=how)
    tell_many(
        which,
        thing=User(pk=number),
        audience="SELECT id, '', '' FROM accounts_user WHERE id BETWEEN %s AND %s",
        values=[people[0], people[-1]],
        title=TITLE,
        body=BODY,
        url="/projects/abcdefghjkmn/",
        label="Read the project",
        personal=False,
    )


@measure(
    "100,000 notices of one publication, rows a CPU second over COPY", group="notices", least=1.0, times=3
)
def notices(_bench):
    with _invented(PEOPLE) as people:
        _tell(people[:1], 1, "app")  # what is read once
        ours = _spent()
        _tell(people, 2, "app")
        ours = _spent() - ours
        copy = _spent()
        row = (
            "\t%s\tbench-3\tusers.user:3\t\t{}\t{}\t/projects/abcdefghjkmn/\tRead the project\t2026-11-24\t\n"
        )
        row = row.format(TITLE, BODY.replace("\n", "\\n"))
        seed = secrets.token_hex(3)
        lines = "".join(f"{seed}{n:06x}{row % user}" for n, user in enumerate(people))
        with connection.cursor() as cursor:
            cursor.copy_expert(f"COPY accounts_notification ({COLUMNS}) FROM STDIN", io.StringIO(lines))
        copy = _spent() - copy
    return (
        copy / ours,
        f"{ours / PEOPLE * 1e6:.1f} µs a row, COPY with its lines made {copy / PEOPLE * 1e6:.1f}",
    )


class Sink:
    """A mail server that takes everything: what is measured is everything up to the bytes."""

    def open(self):
        return True

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None

    def send_messages(self, messages):
        return sum(bool(message.message().as_bytes(linesep="\r\n")) for message in messages)


def _fan_out() -> tuple[float, float]:
    """CPU seconds a mail: from the publication to the bytes, and building the same messages in a plain loop."""
    from accounts.models import Mail
    from accounts.notifications import delivery
    from marketplace.ground import clock

    original = delivery.get_connection
    delivery.get_connection = Sink
    try:
        with _invented(MAILS) as people:
            Mail.objects.filter(state="pending").update(state="cancelled")
            ours = _spent()
            _tell(people, 4, "instant")
            ours = _spent() - ours
            Mail.objects.update(send_after=clock.now())
            send = _spent()
            sent = delivery.send_pending(MAILS)
            ours += _spent() - send
            assert sent == MAILS, sent
            mail = Mail.objects.filter(state="sent").first()
            post = delivery.Post.of([mail])
            stop = post.stop(mail)
            text, html = delivery._texts(mail, post, stop)
            headers = {
                "Message-ID": mail.message_id,
                "Auto-Submitted": "auto-generated",
                "List-Unsubscribe": f"<{stop}>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            }
            loop = time.process_time()
            for _ in range(1000):
                built = EmailMultiAlternatives(
                    mail.subject, text, "a@example.com", [mail.to], headers=headers
                )
                built.attach_alternative(html, "text/html")
                built.message().as_bytes(linesep="\r\n")
            loop = (time.process_time() - loop) / 1000
    finally:
        delivery.get_connection = original
    return ours / MAILS, loop


@measure("mail fan-out, CPU a mail over building the message in a loop", group="notices", most=1.3, times=3)
def mails(_bench):
    ours, loop = _fan_out()
    return ours / loop, f"{ours * 1e3:.2f} ms a mail, {loop * 1e3:.2f} ms to build one"


@measure("mail fan-out, CPU a mail over one task a person", group="notices", most=0.2, times=1)
def over_tasks(_bench):
    """A task a person: `notify` writes the two rows, and the outbox is drained for the one mail it finds."""
    from accounts.models import Mail, User
    from accounts.notifications import delivery
    from accounts.notifications.actions import notify
    from accounts.notifications.kinds import kind
    from marketplace.celery import app
    from marketplace.ground import clock

    ours, _ = _fan_out()
    which, number = kind("bench-5", "A measurement", group="Measurements"), 200
    original = delivery.get_connection
    delivery.get_connection = Sink
    try:
        with _invented(number) as people:
            Mail.objects.filter(state="pending").update(state="cancelled")
            task = _spent()
            for pk in people:
                app.send_task("bench.nobody", args=[pk], queue="bench")
                user = User.objects.get(pk=pk)
                notify(user, which, thing=user, title=TITLE, body=BODY, url="/projects/", label="Read")
                Mail.objects.filter(user=user).update(send_after=clock.now())
                delivery.send_pending(1)
            task = (_spent() - task) / number
    finally:
        delivery.get_connection = original
        with app.connection_for_write() as broker:
            broker.default_channel.queue_purge("bench")
    return ours / task, f"{ours * 1e3:.2f} ms a mail, {task * 1e3:.2f} ms as a task of its own"
