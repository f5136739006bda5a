"""People are told once, in the way they chose, outside their quiet hours; mails are never lost and never doubled."""

import threading
from datetime import timedelta

import pytest
from django.core import mail as outbox
from django.db import connection
from django.urls import reverse

from accounts.models import Mail, Notification, Preference, User
from accounts.notifications import actions, delivery, queries
from accounts.notifications.kinds import KINDS, kind
from marketplace.ground import clock
from marketplace.ground.errors import Invalid

NEWS = kind("test-news", "Test news", group="Tests")
MONEY = kind("test-money", "Test money", group="Tests", always=True)
ACTION = kind("test-action", "Test action", group="Tests", action=True)


@pytest.fixture
def amara(db):
    return User.objects.create_user(
        "amara@example.com", "a-long-enough-password", name="Amara Okafor", zone="UTC"
    )


def tell(user, which=NEWS, **more):
    return actions.notify(
        user, which, thing=user, title="Halden answered", body="One.\n\nTwo.", url="/applications/", **more
    )


def at_hour(hour):
    """Move the shared clock to the next time it is `hour` o'clock UTC."""
    now = clock.now()
    clock.advance((now.replace(hour=hour, minute=0, second=0) - now) % timedelta(days=1))


def test_the_same_thing_is_told_once_and_a_moved_deadline_anew(amara):
    first = clock.now()
    assert tell(amara, deadline=first)
    assert tell(amara, deadline=first) is None
    assert tell(amara, deadline=first + timedelta(days=1))
    assert Notification.objects.count() == Mail.objects.count() == 2


def test_the_mail_says_why_and_carries_the_one_click_way_out(amara):
    tell(amara)
    delivery.send_pending()
    sent = outbox.outbox[0]
    assert sent.subject == "Halden answered"
    assert sent.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "Test news" in sent.body
    assert sent.alternatives[0].mimetype == "text/html"


def test_what_asks_for_an_act_says_so_in_the_subject(amara):
    tell(amara, ACTION)
    assert Mail.objects.get().subject == "[Action needed] Halden answered"


def test_money_is_always_told_and_carries_no_unsubscribe(amara):
    Preference.objects.create(user=amara, kind=MONEY.slug, how="app")
    tell(amara, MONEY)
    delivery.send_pending()
    assert "List-Unsubscribe" not in outbox.outbox[0].extra_headers


def test_who_wants_it_only_in_the_app_gets_no_mail(amara):
    actions.set_preferences(by=amara, choices={NEWS.slug: "app"})
    assert tell(amara)
    assert not Mail.objects.exists()


@pytest.mark.parametrize("choice", [{"test-money": "app"}, {"no-such-kind": "app"}, {"test-news": "never"}])
def test_a_choice_that_cannot_be_made_is_refused(amara, choice):
    with pytest.raises(Invalid):
        actions.set_preferences(by=amara, choices=choice)
    assert not Preference.objects.exists()


def test_a_reminder_waits_for_the_morning_of_its_reader(amara):
    at_hour(23)
    tell(amara, reminder=True)
    assert delivery.send_pending() == 0
    clock.advance(timedelta(hours=8, minutes=1))
    assert delivery.send_pending() == 1


def test_a_daily_digest_collects_what_waited_a_day_and_comes_once(amara):
    actions.set_preferences(by=amara, choices={NEWS.slug: "daily"})
    at_hour(12)
    tell(amara, part="a")
    tell(amara, part="b")
    assert actions.send_digests() == 0
    clock.advance(timedelta(hours=25))
    assert (actions.send_digests(), actions.send_digests()) == (1, 0)
    assert Mail.objects.get().text.count("Halden answered") == 2


def test_a_subject_cannot_smuggle_a_header(amara):
    actions.notify(amara, NEWS, thing=amara, title="Hello\nBcc: everyone@example.com")
    delivery.send_pending()
    assert outbox.outbox[0].message()["Bcc"] is None


def test_one_click_stops_the_kind_and_what_is_still_waiting(client, amara):
    tell(amara)
    url = actions.unsubscribe_url(amara, NEWS.slug)
    path = url[url.index("/inbox") :]
    client.get(path)
    assert Mail.objects.get().state == "pending"  # a scanner that follows links stops nothing
    assert client.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert Mail.objects.get().state == "cancelled"
    assert tell(amara, part="later")
    assert Mail.objects.count() == 1


def test_a_made_up_unsubscribe_link_changes_nothing(client, amara):
    assert client.post(reverse("notifications:unsubscribe", args=["x" * 27, NEWS.slug])).status_code == 404
    assert not Preference.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_four_workers_at_once_send_each_mail_once():
    amara = User.objects.create_user("amara@example.com", "x" * 12, name="Amara")
    for n in range(40):
        tell(amara, part=str(n))
    barrier = threading.Barrier(4)

    def work():
        try:
            barrier.wait()
            delivery.send_pending()
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    ids = [m.extra_headers["Message-ID"] for m in outbox.outbox]
    assert len(ids) == len(set(ids)) == 40


@pytest.mark.django_db(transaction=True)
def test_eight_who_tell_the_same_thing_at_once_tell_it_once():
    amara = User.objects.create_user("amara@example.com", "x" * 12, name="Amara")
    deadline, barrier, told = clock.now(), threading.Barrier(8), []

    def work():
        try:
            barrier.wait()
            told.append(tell(amara, deadline=deadline))
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert len([row for row in told if row]) == Mail.objects.count() == 1


def test_a_mail_server_that_is_away_is_tried_again_later(amara, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    tell(amara)
    assert delivery.send_pending() == 0
    waiting = Mail.objects.get()
    assert (waiting.state, waiting.attempts) == ("pending", 1)
    assert waiting.leased_until is not None


def test_the_inbox_shows_only_ones_own_and_a_foreign_one_is_not_there(client, amara):
    other = User.objects.create_user("other@example.com", "x" * 12, name="Other")
    mine, theirs = tell(amara), tell(other)
    client.force_login(amara)
    page = client.get(reverse("notifications:inbox"))
    assert page.status_code == 200
    assert list(page.context["page"]) == [mine]
    assert client.get(reverse("notifications:open", args=[theirs.public_id])).status_code == 404
    theirs.refresh_from_db()
    assert theirs.read_at is None


def test_opening_a_notification_marks_it_read_and_goes_where_it_leads(client, amara):
    row = tell(amara)
    client.force_login(amara)
    assert client.get(reverse("notifications:open", args=[row.public_id])).url == "/applications/"
    assert queries.unread_count(amara) == 0


@pytest.mark.parametrize("rows", [10, 200])
def test_the_inbox_costs_the_same_however_full_it_is(client, amara, rows, django_assert_max_num_queries):
    Notification.objects.bulk_create(
        Notification(user=amara, kind="test-news", thing=f"t:{n}", title=f"News {n}") for n in range(rows)
    )
    client.force_login(amara)
    with django_assert_max_num_queries(10):
        assert client.get(reverse("notifications:inbox")).status_code == 200


def test_the_settings_page_saves_choices_and_refuses_nonsense(client, amara):
    client.force_login(amara)
    url = reverse("notifications:settings")
    choices = {slug: one.default for slug, one in KINDS.items() if not one.always}
    assert client.post(url, {**choices, "test-news": "weekly"}).status_code == 302
    assert Preference.objects.get(kind="test-news").how == "weekly"
    assert client.post(url, {**choices, "test-news": "whenever"}).status_code == 422
    assert Preference.objects.get(kind="test-news").how == "weekly"


def test_a_mail_with_a_code_keeps_no_text_once_it_is_sent(amara):
    actions.queue_mail(
        to=amara.email, user=amara, kind="account", key="code:1", subject="Your code", text="ABCD-EFGH"
    )
    tell(amara)
    delivery.send_pending()
    assert "ABCD-EFGH" in outbox.outbox[0].body
    kept = dict(Mail.objects.values_list("kind", "text"))
    assert kept["account"] == ""
    assert "Halden answered" in kept[NEWS.slug]
