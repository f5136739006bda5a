"""The wrong key with the wrong address never runs; money's tasks and admin pages are there and change
nothing.
"""

import pytest
from django.urls import reverse

from payments import checks
from payments.connect import states as connect_states
from payments.holds import states as hold_states
from payments.payers import states as payer_states
from payments.stripe import states as stripe_states

STRIPE, OFFLINE = "https://api.stripe.com", "http://localhost:9000"


@pytest.mark.parametrize(
    ("key", "base", "playground", "runs"),
    [
        ("sk_live_x", STRIPE, False, True),
        ("rk_live_x", STRIPE, False, True),
        ("sk_live_x", OFFLINE, False, False),
        ("sk_live_x", OFFLINE, True, False),
        ("sk_live_x", STRIPE, True, False),
        ("sk_live_x", "http://api.stripe.com", False, False),
        ("sk_live_x", "https://api.stripe.com.example.org", False, False),
        ("sk_test_x", STRIPE, True, True),
        ("sk_test_x", OFFLINE, True, True),
        ("sk_test_x", STRIPE, False, False),
        ("sk_test_x", OFFLINE, False, False),
        ("", STRIPE, False, True),
    ],
)
def test_key_and_address_have_to_fit(settings, key, base, playground, runs):
    settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE, settings.PLAYGROUND = key, base, playground
    assert (checks.refusal() == "") is runs
    assert (checks.stripe_key_fits_address(None) == []) is runs


@pytest.mark.parametrize(
    "moves",
    [
        hold_states.HOLD_MOVES,
        hold_states.FUNDING_MOVES,
        hold_states.RELEASE_MOVES,
        hold_states.REFUND_MOVES,
        connect_states.PAYEE_MOVES,
        connect_states.PAYOUT_MOVES,
        payer_states.METHOD_MOVES,
        stripe_states.CALL_MOVES,
        stripe_states.EVENT_MOVES,
    ],
)
def test_every_move_leads_to_a_state_of_the_table(moves):
    assert set().union(*moves.values()) <= moves.keys()


ADMIN = [
    "call",
    "event",
    "balanceline",
    "reconciliation",
    "difference",
    "stop",
    "payeeaccount",
    "payer",
    "paymentmethod",
    "payout",
    "hold",
    "funding",
    "release",
    "refund",
    "receipt",
    "ledgertransaction",
    "ledgeraccount",
]


@pytest.mark.parametrize("name", ADMIN)
def test_the_admin_shows_money_and_lets_nobody_write_it(admin_client, name):
    assert admin_client.get(reverse(f"admin:payments_{name}_changelist")).status_code == 200
    assert admin_client.get(reverse(f"admin:payments_{name}_add")).status_code == 403


@pytest.fixture
def admin_user(make_person):
    person = make_person("Mo Derator")
    person.is_staff = person.is_superuser = True
    person.save()
    return person


@pytest.fixture
def admin_client(client, admin_user):
    client.force_login(admin_user)
    return client


@pytest.mark.django_db(transaction=True)
def test_a_moderator_lets_a_given_up_call_go_again(admin_client, sandbox, hold, secure, student, ready, work):
    from payments.holds import actions
    from payments.stripe.models import Call

    secure(hold)
    ready(student)
    release = actions.release_part(by=None, part=hold.parts.first())
    Call.objects.filter(pk=release.call_id).update(state="manual")
    answer = admin_client.post(
        reverse("admin:payments_call_changelist"), {"action": "retry", "_selected_action": [release.call_id]}
    )
    assert answer.status_code == 302
    work()
    release.refresh_from_db()
    assert release.state == "sent"
    detail = reverse("admin:payments_hold_change", args=[hold.pk])
    assert (
        "200.00" in admin_client.get(detail).content.decode()
        or "20000" in admin_client.get(detail).content.decode()
    )


@pytest.mark.django_db(transaction=True)
def test_a_moderator_stops_a_hold_and_lets_it_go(admin_client, hold):
    for action, frozen in (("freeze", True), ("unfreeze", False)):
        admin_client.post(
            reverse("admin:payments_hold_changelist"), {"action": action, "_selected_action": [hold.pk]}
        )
        hold.refresh_from_db()
        assert bool(hold.frozen_at) is frozen


@pytest.mark.django_db(transaction=True)
def test_stripe_is_asked_whether_everything_is_set(sandbox, settings, capsys):
    from django.core.management import CommandError, call_command

    sandbox.hear(f"{settings.SITE_URL}/payments/stripe/webhook/")
    call_command("check_stripe")
    assert "Everything is set" in capsys.readouterr().out
    sandbox.control(
        "webhooks",
        endpoint_version="2020-08-27",
        endpoint_events=["charge.succeeded"],
        destination_events=[],
        payout_interval="daily",
    )
    with pytest.raises(CommandError, match="4 things"):
        call_command("check_stripe")
    text = capsys.readouterr().out
    for words in ("2020-08-27", "No endpoint hears", "No thin event destination", "have to be manual"):
        assert words in text
    settings.STRIPE_SECRET_KEY = "sk_wrong"
    with pytest.raises(CommandError, match="refuses the key"):
        call_command("check_stripe")


@pytest.mark.parametrize(
    ("key", "secrets", "playground", "warned"),
    [
        ("sk_live_x", [], False, True),
        ("sk_live_x", ["a"], False, True),
        ("sk_live_x", ["a", "b"], False, False),
        ("", [], False, False),
        ("sk_test_x", ["a"], True, False),
    ],
)
def test_too_few_signing_secrets_are_warned_of(settings, key, secrets, playground, warned):
    settings.STRIPE_SECRET_KEY, settings.STRIPE_WEBHOOK_SECRETS = key, secrets
    settings.PLAYGROUND = playground
    assert bool(checks.stripe_can_tell_us(None)) is warned
