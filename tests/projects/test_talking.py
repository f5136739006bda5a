"""The thread of an engagement: who reads and writes, read marks, one message for one form, and what people are told."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.notifications.models import Notification
from marketplace.ground import clock
from marketplace.ground.errors import Invalid, NotAllowed, WrongMoment
from projects.talking import actions, queries
from projects.talking.models import Message, ReadMark
from projects.working import actions as working

from . import engagements as world

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def monday():
    world.go_to("2027-03-01 10:00")


@pytest.fixture
def amara():
    return world.student("Amara Okafor")


@pytest.fixture
def hana():
    return world.person("Hana Reyes")


@pytest.fixture
def engagement(amara, hana):
    return world.active(amara, hana, world.organisation(hana))


def post(by, engagement, text="Hello", **more):
    clock.advance(timedelta(seconds=5))
    return actions.post_message(by=by, engagement=engagement, text=text, **more)


def thread(engagement) -> str:
    return reverse("talking:thread", args=[engagement.public_id])


def words(response) -> str:
    return " ".join(response.content.decode().split())


def test_both_sides_write_and_read(engagement, amara, hana):
    post(amara, engagement, "  Do you have prices for January?\r\nI can use last year's.  ")
    post(hana, engagement, "Here you go.")
    assert [m.text for m in queries.thread(engagement)] == [
        "Here you go.",
        "Do you have prices for January?\nI can use last year's.",
    ]


def test_contact_opens_with_the_engagement(amara, hana):
    engagement = world.accepted(amara, hana, world.organisation(hana))
    assert post(hana, engagement).author == hana


def test_strangers_and_moderators_do_not_write(engagement):
    for by in (world.student("Bo"), world.person("Mo", is_staff=True)):
        with pytest.raises(NotAllowed):
            post(by, engagement)
    assert not Message.objects.exists()


def test_the_thread_closes_when_the_time_to_review_is_over(amara, hana):
    engagement = world.completed(amara, hana, world.organisation(hana), milestones=1)
    post(amara, engagement, "Thank you")
    world.go_to(engagement.review_until + timedelta(minutes=1))
    with pytest.raises(WrongMoment, match="has ended"):
        post(amara, engagement, "One more thing")


def test_what_never_was_funded_has_no_thread_afterwards(amara, hana):
    engagement = world.accepted(amara, hana, world.organisation(hana))
    working.cancel_engagement(by=hana, engagement=engagement)
    with pytest.raises(WrongMoment):
        post(amara, world.again(engagement))


@pytest.mark.parametrize("text", ["", "   \n ", "\x00", "x" * 4001])
def test_a_message_is_neither_empty_nor_endless(engagement, amara, text):
    with pytest.raises(Invalid) as refused:
        post(amara, engagement, text)
    assert set(refused.value.message_dict) == {"text"}


def test_a_message_keeps_its_words_and_loses_signs_that_turn_them_around(engagement, amara):
    assert post(amara, engagement, "One\r\ntwo \u202e three\u2069").text == "One\ntwo  three"


def test_the_same_form_sent_twice_is_one_message(engagement, amara):
    first = post(amara, engagement, form_token="abc")
    assert post(amara, engagement, "Hello again", form_token="abc") == first
    assert Message.objects.count() == 1


def test_somebody_elses_form_is_no_way_into_their_message(engagement, amara, hana):
    post(amara, engagement, form_token="abc")
    with pytest.raises(Invalid) as refused:
        post(hana, engagement, form_token="abc")
    assert set(refused.value.message_dict) == {"form_token"}


def test_unread_counts_what_others_wrote_since_one_last_looked(engagement, amara, hana):
    post(amara, engagement)
    last = post(amara, engagement)
    assert (queries.unread_count(hana), queries.unread_count(amara)) == (2, 0)
    assert queries.unread_by_engagement(hana, [engagement]) == {engagement.pk: 2}
    actions.mark_read(by=hana, engagement=engagement, until=last.at)
    assert queries.unread_count(hana) == 0
    actions.mark_read(by=hana, engagement=engagement, until=last.at - timedelta(days=1))
    assert queries.unread_count(hana) == 0  # a mark never moves back
    post(amara, engagement)
    assert queries.unread_count(hana) == 1


def test_answering_means_having_read(engagement, amara, hana):
    post(amara, engagement)
    post(hana, engagement)
    assert queries.unread_count(hana) == 0


def test_moderators_leave_no_read_marks(engagement, amara, client):
    post(amara, engagement)
    client.force_login(world.person("Mo", is_staff=True))
    assert "Hello" in words(client.get(thread(engagement)))
    assert ReadMark.objects.exclude(user=amara).count() == 0


def test_a_burst_of_messages_is_told_once_until_it_is_read(engagement, amara, hana):
    for n in range(3):
        post(amara, engagement, f"Message {n}")
    told = Notification.objects.filter(user=hana, kind="message")
    assert [n.title for n in told] == ["Amara Okafor wrote to you"]
    assert told.get().body == "Message 0"
    actions.mark_read(by=hana, engagement=engagement, until=clock.now())
    post(amara, engagement, "Later")
    assert told.all().count() == 2
    assert not Notification.objects.filter(user=amara, kind="message").exists()


def test_every_member_of_the_employer_is_told(engagement, amara, hana):
    from accounts.employers.models import Membership

    colleague = world.person("Colleague")
    Membership.objects.create(organisation=engagement.organisation, user=colleague)
    post(amara, engagement)
    assert Notification.objects.filter(kind="message", user__in=[hana, colleague]).count() == 2
    post(hana, engagement)
    assert Notification.objects.filter(kind="message", user=colleague).count() == 1


# --- the page ---------------------------------------------------------------------------------------------------
def test_the_page_shows_the_thread_and_marks_it_read(client, engagement, amara, hana):
    post(amara, engagement, "Look at https://example.com/x <script>alert(1)</script>")
    client.force_login(hana)
    text = words(client.get(thread(engagement)))
    assert 'rel="nofollow">https://example.com/x</a>' in text
    assert "<script>alert(1)</script>" not in text
    assert "Report<span" in text
    assert queries.unread_count(hana) == 0


def test_writing_on_the_page(client, engagement, amara, hana):
    client.force_login(amara)
    response = client.post(thread(engagement), {"text": "From the page", "form_token": "t1"}, follow=True)
    assert "From the page" in words(response)
    client.post(thread(engagement), {"text": "From the page", "form_token": "t1"})
    assert Message.objects.count() == 1
    response = client.post(thread(engagement), {"text": "  "})
    assert (response.status_code, "Write something first." in words(response)) == (422, True)
    response = client.post(thread(engagement), {"text": "kept " + "x" * 4000})
    assert (response.status_code, "kept xxx" in words(response)) == (422, True)


def test_htmx_gets_the_thread_alone(client, engagement, amara):
    client.force_login(amara)
    response = client.post(
        thread(engagement), {"text": "Quick", "form_token": "t1"}, headers={"HX-Request": "true"}
    )
    assert response.status_code == 200
    assert words(response).startswith('<section id="thread"')
    assert "Quick" in words(response)


def test_a_stranger_finds_no_thread(client, engagement, amara):
    post(amara, engagement)
    assert client.get(thread(engagement)).status_code == 302
    other = world.person("Other boss")
    world.organisation(other, name="Elsewhere")
    for user in (world.student("Bo"), other):
        client.force_login(user)
        assert client.get(thread(engagement)).status_code == 404
        assert client.post(thread(engagement), {"text": "Let me in"}).status_code == 404
        assert not queries.visible_to(user).exists()
    assert Message.objects.count() == 1


def test_a_moderator_reads_and_does_not_write(client, engagement, amara):
    client.force_login(world.person("Mo", is_staff=True))
    text = words(client.get(thread(engagement)))
    assert "Between Civic Kitchen and Amara Okafor" in text
    assert "<textarea" not in text
    assert client.post(thread(engagement), {"text": "Hm"}).status_code == 403


def test_long_threads_come_in_pages_and_cost_the_same(client, engagement, amara, hana):
    def write(number):
        start = Message.objects.count()
        Message.objects.bulk_create(
            Message(
                engagement=engagement,
                author=amara if n % 2 else hana,
                text=f"Message number {n}.",
                form_token=f"n{n}",
                at=clock.now() + timedelta(seconds=n),
            )
            for n in range(start, start + number)
        )

    def count(address):
        client.get(address)
        with CaptureQueriesContext(connection) as seen:
            assert client.get(address).status_code == 200
        return len(seen)

    client.force_login(hana)
    write(10)
    few = count(thread(engagement))
    write(190)
    assert count(thread(engagement)) <= few + 1  # one more to know that there are older pages
    text = words(client.get(thread(engagement)))
    assert text.count("Message number") == 20
    assert "Message number 199." in text
    assert "Earlier messages" in text
    older = words(client.get(thread(engagement) + "?page=2"))
    assert "Message number 179." in older
    assert "Later messages" in older
    assert client.get(thread(engagement) + "?page=lots").status_code == 200
