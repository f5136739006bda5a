"""One thing is told to many by one statement, in the way each of them chose, once, whatever happens on the way."""

import email
import email.policy
import threading
from datetime import timedelta

import pytest
from django.core import mail as outbox
from django.db import connection, transaction

from accounts.models import Letter, Mail, Notification, Preference, UnsubscribeToken, User
from accounts.notifications import delivery, stoppers
from accounts.notifications.fanout import call_off, tell_many
from accounts.notifications.kinds import kind
from marketplace.ground import clock

NEWS = kind("test-fanout", "Test fan-out", group="Tests")
ALWAYS = kind("test-fanout-always", "Test fan-out, always", group="Tests", always=True)
WHY = "Because of <b>you</b> & yours"


def at_noon():
    now = clock.now()
    clock.advance((now.replace(hour=12, minute=0, second=0) - now) % timedelta(days=1))


def crowd(count: int, **fields) -> list[User]:
    fields = {"zone": "UTC", "password": "!", **fields}
    return User.objects.bulk_create(
        User(email=f"fan{n}@example.com", name=f"Fan {n}", **fields) for n in range(count)
    )


def tell(thing, users, which=NEWS, why=WHY, part="", **more) -> int:
    return tell_many(
        which,
        thing=thing,
        audience="SELECT id, %s::text, %s::text FROM accounts_user WHERE id = ANY(%s)",
        values=[why, part, [u.pk for u in users]],
        **{
            "title": "A project: “Añil & co”",
            "body": "One.\n\nTwo.",
            "url": "/projects/abc/",
            "label": "Read it",
        }
        | more,
    )


def parsed(sent):
    return email.message_from_bytes(sent.message().as_bytes(linesep="\r\n"), policy=email.policy.default)


@pytest.mark.django_db
def test_a_crowd_is_told_once_with_the_same_few_queries(django_assert_max_num_queries):
    at_noon()
    users = crowd(60)
    with django_assert_max_num_queries(14):
        assert tell(users[0], users) == 60
    assert tell(users[0], users) == 0
    assert Notification.objects.count() == Mail.objects.count() == 60
    assert Letter.objects.count() == 1
    assert len({n.public_id for n in Notification.objects.all()}) == 60
    with django_assert_max_num_queries(90):  # one for each mail, and the few that a batch shares
        assert delivery.send_pending() == 60
    assert len({parsed(m)["Message-ID"] for m in outbox.outbox}) == 60


@pytest.mark.django_db
def test_the_mail_is_whole_and_its_links_are_the_readers_own(client):
    at_noon()
    (user,) = crowd(1)
    tell(user, [user], title="A project: “Añil & co”\nBcc: everyone@example.com")
    delivery.send_pending()
    sent = parsed(outbox.outbox[0])
    assert (sent["To"], sent["Bcc"]) == ("fan0@example.com", None)
    assert sent["Subject"] == "A project: “Añil & co” Bcc: everyone@example.com"
    text = sent.get_body(("plain",)).get_content()
    html = sent.get_body(("html",)).get_content()
    assert WHY in text
    assert "Because of &lt;b&gt;you&lt;/b&gt; &amp; yours" in html
    assert "[[" not in text + html
    row = Notification.objects.get()
    assert f"/inbox/{row.public_id}/" in text
    assert f"/inbox/{row.public_id}/" in html
    assert row.body.startswith(WHY)
    token = UnsubscribeToken.objects.get(user=user).token
    stop = sent["List-Unsubscribe"].strip("<>")
    assert stop in text
    assert sent["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert stop.endswith(f"/unsubscribe/{token}/test-fanout/")
    assert client.post(stop[stop.index("/inbox") :], {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert Preference.objects.get().how == "app"


@pytest.mark.django_db
def test_the_bytes_are_what_the_standard_library_would_send():
    at_noon()
    users = crowd(1)
    User.objects.update(email="jürgen@example.com")  # an address that cannot be filled in as plain bytes
    tell(users[0], users)
    mail = Mail.objects.get()
    slow = parsed(delivery.message(mail))
    Mail.objects.update(to="plain@example.com")
    mail.refresh_from_db()
    quick = parsed(delivery.message(mail))
    for part in ("plain", "html"):
        a, b = (m.get_body((part,)).get_content().splitlines() for m in (slow, quick))
        assert a == b
    for name in ("Subject", "From", "Message-ID", "List-Unsubscribe", "Auto-Submitted", "MIME-Version"):
        assert slow[name].strip() == quick[name].strip()


@pytest.mark.django_db
def test_each_is_told_in_the_way_they_chose():
    at_noon()
    users = crowd(5)
    for user, how in zip(users, ("instant", "daily", "weekly", "app"), strict=False):
        Preference.objects.create(user=user, kind=NEWS.slug, how=how)
    User.objects.filter(pk=users[4].pk).update(is_active=False)
    assert tell(users[0], users) == 4
    assert [m.user_id for m in Mail.objects.all()] == [users[0].pk]
    wants = dict(Notification.objects.values_list("user_id", "wants_digest"))
    assert wants == {u.pk: w for u, w in zip(users, ("", "daily", "weekly", ""), strict=False)}


@pytest.mark.django_db
def test_what_is_always_told_is_told_and_cannot_be_stopped():
    at_noon()
    users = crowd(1)
    Preference.objects.create(user=users[0], kind=ALWAYS.slug, how="app")
    tell(users[0], users, ALWAYS)
    delivery.send_pending()
    assert "List-Unsubscribe" not in parsed(outbox.outbox[0])


@pytest.mark.django_db
def test_at_night_the_mail_waits_for_each_readers_own_morning():
    at_noon()
    clock.advance(timedelta(hours=11))  # 23:00 UTC
    awake, asleep = crowd(2)
    User.objects.filter(pk=awake.pk).update(zone="Asia/Tokyo")
    tell(awake, [awake, asleep])
    assert delivery.send_pending() == 1
    waiting = Mail.objects.get(user=asleep)
    assert waiting.send_after.hour == 7
    clock.advance(timedelta(hours=8, minutes=1))
    assert delivery.send_pending() == 1


@pytest.mark.django_db
def test_what_is_over_is_not_sent_and_not_shown_as_new():
    at_noon()
    users = crowd(3)
    tell(users[0], users)
    Notification.objects.filter(user=users[0]).update(read_at=clock.now())
    assert call_off(NEWS, thing=users[0], users=[u.pk for u in users]) == 3
    assert delivery.send_pending() == 0
    assert [n.user_id for n in Notification.objects.all()] == [users[0].pk]


@pytest.mark.django_db
def test_one_click_can_stop_a_part_of_a_kind(client):
    at_noon()
    stopped = []
    stoppers.register(
        NEWS.slug,
        name=lambda user, part: "Data, remote" if part == "abc" else "",
        stop=lambda user, part: part == "abc" and not stopped.append((user.email, part)),
    )
    try:
        users = crowd(1)
        tell(users[0], users, part="abc")
        delivery.send_pending()
        stop = parsed(outbox.outbox[0])["List-Unsubscribe"].strip("<>")
        path = stop[stop.index("/inbox") :]
        assert "Data, remote" in client.get(path).content.decode()
        assert stopped == []
        assert client.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
        assert stopped == [("fan0@example.com", "abc")]
        assert not Preference.objects.exists()
        assert client.post(path.replace("/abc/", "/other/")).status_code == 404
    finally:
        del stoppers.STOPPERS[NEWS.slug]


@pytest.mark.django_db(transaction=True)
def test_six_who_tell_a_crowd_at_once_tell_it_once():
    users = crowd(50)
    barrier, told = threading.Barrier(6), []

    def work():
        try:
            barrier.wait()
            told.append(tell(users[0], users))
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(told) == 50
    assert len(told) == 6
    assert Notification.objects.count() == Mail.objects.count() == 50


@pytest.mark.django_db
def test_what_is_rolled_back_was_never_told():
    users = crowd(3)
    with pytest.raises(RuntimeError), transaction.atomic():
        tell(users[0], users)
        raise RuntimeError
    assert not Notification.objects.exists()
    assert not Mail.objects.exists()
    assert tell(users[0], users) == 3
