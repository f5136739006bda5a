"""Calls and events that need a person: seen, retried, given up or set aside with a reason; names are scrubbed."""

import json

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from accounts.users import actions as users
from marketplace.ground.errors import Invalid, NotAllowed, WrongMoment
from payments.holds import actions
from payments.stripe import gateway, tasks
from payments.stripe.actions import inbox, letters, outbox, scrubbing
from payments.stripe.models import Call, Event, Stop
from tests.payments.conftest import URLS
from tests.payments.test_outbox import exactly_once, later, released  # noqa: F401
from tests.payments.test_reconciling import moderator  # noqa: F401
from tests.payments.test_webhooks import deliver, event, events_of, paid, secured_once, send  # noqa: F401

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def dead(released, sandbox, work, moderator):  # noqa: F811
    """A transfer that Stripe never managed to make."""
    sandbox.fault("/v1/transfers", "500_stored", times=3)
    for _ in range(12):
        work()
        later(minutes=20)
    return Call.objects.get(operation="transfer", state="manual")


def test_a_dead_letter_is_on_the_front_page_and_told(dead, client, moderator):  # noqa: F811
    client.force_login(moderator)
    text = client.get(reverse("admin:index")).content.decode()
    assert "Stripe calls that need a hand" in text
    assert moderator.notifications.filter(kind="money-alarm").exists()
    act = reverse("admin:payments_call_act", args=[dead.pk, "give-up"])
    assert client.get(act).status_code == 200
    assert client.post(act, {"reasons": ""}).status_code == 422


def test_given_up_the_money_is_back_in_the_hold(dead, released, moderator, hold, student):  # noqa: F811
    with pytest.raises(NotAllowed):
        letters.give_up_call(by=student, call=dead, why="x")
    with pytest.raises(Invalid):
        letters.give_up_call(by=moderator, call=dead, why=" ")
    letters.give_up_call(by=moderator, call=dead, why="Stripe support says it will never go")
    released.refresh_from_db()
    dead.refresh_from_db()
    assert (dead.state, released.state) == ("rejected", "rejected")
    assert hold.figures()["held"] == 50_000
    with pytest.raises(WrongMoment):
        letters.give_up_call(by=moderator, call=dead, why="Again")
    with pytest.raises(WrongMoment):
        letters.retry_call(by=moderator, call=dead)


def test_what_stripe_has_done_cannot_be_given_up(dead, released, moderator, sandbox):  # noqa: F811
    gateway.send("transfer", dead.params, "out-of-band")
    with pytest.raises(WrongMoment, match="done it after all"):
        letters.give_up_call(by=moderator, call=dead, why="x")
    assert exactly_once(sandbox, released)


def test_while_stripe_is_away_nothing_is_given_up(dead, moderator, settings):  # noqa: F811
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    with pytest.raises(WrongMoment, match="does not answer"):
        letters.give_up_call(by=moderator, call=dead, why="x")
    dead.refresh_from_db()
    assert dead.state == "manual"


def test_a_refused_key_burns_no_try_and_lifts_itself(released, sandbox, work, settings, moderator):  # noqa: F811
    settings.STRIPE_SECRET_KEY = "wrong"
    for _ in range(5):
        work()
        later(minutes=2)
    call = Call.objects.get(operation="transfer")
    assert (call.state, call.attempts) == ("pending", 0)
    stop = Stop.objects.get()
    assert (stop.kind, stop.lifted_at) == ("key", None)
    assert moderator.notifications.filter(kind="money-alarm").count() == 1
    settings.STRIPE_SECRET_KEY = "sk_test_offline"
    work()
    stop.refresh_from_db()
    assert stop.lifted_at
    assert exactly_once(sandbox, released)


# --- events -------------------------------------------------------------------------------------------------


def test_an_event_of_an_unknown_account_is_kept_ignored_and_told(client, sandbox, moderator):  # noqa: F811
    deliver(client, event(1, type="payout.paid", account="acct_of_somebody"))
    kept = Event.objects.get()
    assert (kept.state, kept.error) == ("ignored", "from another account")
    assert moderator.notifications.filter(kind="money-alarm").count() == 1


def test_an_event_of_another_version_is_applied_and_noticed(paid, sandbox, client, hold, caplog):  # noqa: F811
    bodies = [{**body, "api_version": "2020-08-27"} for body in events_of(sandbox)]
    deliver(client, *bodies)
    assert secured_once(hold)
    assert "rendered in API version 2020-08-27" in caplog.text


def test_a_stuck_event_is_set_aside_with_a_reason(sandbox, client, moderator):  # noqa: F811
    send(client, event(1, type="transfer.created"))
    kept = Event.objects.get()
    Event.objects.update(attempts=inbox.MAX_TRIES)
    tasks.drain_events()
    kept.refresh_from_db()
    assert kept.state == "stuck"
    with pytest.raises(Invalid):
        letters.set_aside_event(by=moderator, event=kept, why="")
    letters.set_aside_event(by=moderator, event=kept, why="An invented one")
    kept.refresh_from_db()
    assert kept.state == "ignored"
    with pytest.raises(WrongMoment):
        letters.set_aside_event(by=moderator, event=kept, why="Again")


def test_thin_events_are_made_up_for_by_asking_too(sandbox, student, ready):
    sandbox.control("webhooks", paused=True)
    payee = ready(student)
    sandbox.control(f"accounts/{payee.stripe_id}/change", status="restricted")
    payee.refresh_from_db()
    assert payee.state == "active"
    tasks.poll_events()
    tasks.drain_events()
    payee.refresh_from_db()
    assert payee.state == "restricted"
    assert Event.objects.filter(thin=True, source="poll").exists()
    assert inbox.poll() == 0


def test_events_are_replayed_by_id_kind_and_date(paid, sandbox, client, hold, capsys):  # noqa: F811
    deliver(client, *events_of(sandbox))
    some = Event.objects.first()
    for arguments, count in (
        ([some.event_id], 1),
        (["--kind", "charge."], 1),
        (["--since", "2026-01-01"], 3),
        (["--kind", "checkout.", "--since", "2999-01-01"], 0),
    ):
        call_command("replay_events", *arguments)
        assert capsys.readouterr().out.startswith(f"{count} event")
        tasks.drain_events()
        assert secured_once(hold)
    for arguments in ([], ["--since", "yesterday"]):
        with pytest.raises(CommandError):
            call_command("replay_events", *arguments)


# --- names --------------------------------------------------------------------------------------------------


def texts():
    rows = [*Call.objects.values_list("params", flat=True), *Event.objects.values_list("payload", flat=True)]
    return json.dumps(rows)


def test_names_leave_after_a_while_and_what_was_done_stays(
    paid,  # noqa: F811
    sandbox,
    client,
    hold,
    employer,
    student,
    ready,
):
    ready(student)
    deliver(client, *events_of(sandbox))
    assert employer.email in texts()
    assert student.email in texts()
    assert scrubbing.scrub_old() == 0
    later(days=31)
    assert scrubbing.scrub_old() > 3
    assert employer.email not in texts()
    assert student.email not in texts()
    call = Call.objects.get(operation="checkout")
    assert call.params["line_items"][0]["price_data"]["unit_amount"] == 50_000
    assert call.params["metadata"]["call"] == str(call.uuid)
    for kept in Event.objects.all():
        letters.replay_event(by=None, event=kept)
    tasks.drain_events()
    assert secured_once(hold)
    assert scrubbing.scrub_old() == 0


def test_an_erased_persons_name_goes_at_once_and_from_a_call_on_its_way_when_it_ends(
    sandbox, make_hold, employer, settings
):
    done = make_hold()
    actions.funding_url(actions.start_checkout(by=employer, hold=done, **URLS))
    sandbox.fault("/v1/checkout/sessions", "429", times=1)
    going = actions.start_checkout(by=employer, hold=make_hold(), **URLS)
    actions.funding_url(going)
    email = employer.email
    users.erase_account(by=employer)
    first, second = Call.objects.filter(operation="checkout").order_by("id")
    assert email not in json.dumps(first.params)
    assert second.params["customer_email"] == email  # Stripe has to get the same parameters
    later(minutes=1)
    tasks.drain_calls()
    scrubbing.scrub_old()
    second.refresh_from_db()
    assert second.state == "done"
    assert email not in texts()


def test_a_later_stop_of_everything_holds_even_what_was_asked_for_now(sandbox, hold, employer, moderator):  # noqa: F811
    from payments.stripe.actions import stopping

    stopping.stop_by_hand(by=moderator, currency="", why="Everything")
    funding = actions.start_checkout(by=employer, hold=hold, **URLS)
    assert actions.funding_url(funding) == f"/payments/checkout/{funding.public_id}/"
    assert outbox.perform() is None
