"""Case 24: what is no amount of money is refused at every door, with a reason, and nothing changes.

A draft without a price is a draft; "1,000" is a thousand to a person who types it, and nothing anywhere else.
"""

import json

import pytest
from django.core.exceptions import ValidationError
from django.db import Error, connection, transaction
from django.urls import reverse
from rest_framework.test import APIClient

from marketplace.ground import clock, money
from payments.holds import actions
from payments.holds.models import Hold, Release
from payments.ledger.actions import post
from payments.ledger.chart import code
from payments.ledger.models import LedgerEntry, LedgerTransaction
from payments.stripe import gateway
from payments.stripe.models import Call, Event
from payments.wallets import actions as wallets
from payments.wallets.models import Lot
from projects.posting.models import Project
from tests.payments.test_webhooks import event, send
from tests.projects.postings import draft, organisation, person
from tests.projects.test_posting_pages import PAY

from . import facts
from .test_cases_recovery import coordinators, wallet  # noqa: F401

pytestmark = pytest.mark.django_db(transaction=True)

#: What people might type.
TYPED = [
    *("0", "-5", "-0", "0.00", "NaN", "nan", "Infinity", "-inf", "1e3", "1E3", "10.005", "1,00", "1,0000"),
    *(
        "１００",
        "٣٠٠",
        "1" + "0" * 18,
        "1" + "0" * 30,
        "True",
        "None",
        "0x10",
        "1_000",
        "--5",
        "5-",
        "ten",
        "½",
    ),
]
#: What a program might send.
SENT = [
    0,
    -5,
    -0,
    1.5,
    "100",
    "1,000",
    "１００",
    True,
    None,
    10**18,
    10**30,
    float("nan"),
    float("inf"),
    "",
    [],
    {},
]
#: The same as far as JSON can carry it.
JSON = [value for value in SENT if value not in (None, "100") and value != "１００"] + [
    "1e3",
    "10.005",
    "-0",
    "x",
]


def told(number: int) -> None:
    facts.tell("amounts", refused=number)


def test_case_24_the_posting_form_says_what_is_wrong_and_keeps_what_was_typed(client):
    member = person()
    project = draft(member, organisation(member))
    client.force_login(member)
    before = Project.objects.values().get()
    address = reverse("posting:edit", args=[project.public_id, 3])
    for typed in TYPED:
        answer = client.post(address, PAY | {"price": typed})
        assert answer.status_code == 422, typed
        form = answer.context["form"]
        assert form.errors["price"], typed
        assert form["price"].value() == typed
        assert Project.objects.values().get()["price"] == before["price"]
    told(len(TYPED))


def test_case_24_the_api_names_the_field_and_changes_nothing():
    member = person()
    project = draft(member, organisation(member))
    before = Project.objects.values().get()
    client = APIClient()
    client.force_authenticate(member)
    for value in JSON:
        body = json.dumps({"price": value}) if value == value else '{"price": NaN}'
        answer = client.patch(f"/api/v1/projects/{project.public_id}/", body, content_type="application/json")
        assert answer.status_code == 400, (value, answer.content)
        assert Project.objects.values().get() == before
    told(len(JSON))


def test_case_24_the_moderators_form_for_a_bank_transfer_refuses_it(client, wallet, moderator):  # noqa: F811
    moderator.is_superuser = True
    moderator.save()
    client.force_login(moderator)
    address = reverse("admin:payments_wallet_act", args=[wallet.pk, "record"])
    for typed in [*TYPED, "", " "]:
        answer = client.post(
            address, {"amount": typed, "received_on": "2026-01-02", "reference": "GIFT 1", "confirm": "yes"}
        )
        assert answer.status_code in (200, 422), typed
        assert not Lot.objects.exists(), typed
    told(len(TYPED) + 2)


@pytest.mark.parametrize("door", ["top-up", "bank transfer", "pay back"])
def test_case_24_a_sponsors_wallet_takes_and_gives_whole_amounts_only(wallet, coordinators, moderator, door):  # noqa: F811
    urls = {"success_url": "http://h/y/", "cancel_url": "http://h/n/"}
    doors = {
        "top-up": lambda value: wallets.start_top_up(by=coordinators[0], wallet=wallet, amount=value, **urls),
        "bank transfer": lambda value: wallets.record_transfer(
            by=moderator,
            wallet=wallet,
            amount=value,
            received_on=clock.now().date(),
            reference="GIFT 1",
        ),
        "pay back": lambda value: wallets.pay_back(by=coordinators[0], wallet=wallet, amount=value),
    }
    for value in SENT:
        with pytest.raises(ValidationError) as refused:
            doors[door](value)
        assert "amount" in refused.value.message_dict, value
    assert not Lot.objects.exists()
    assert not LedgerTransaction.objects.exists()
    told(len(SENT))


def test_case_24_a_hold_is_not_opened_for_it(student):
    for value in SENT:
        for price, fee in ((value, 0), (100, value)):
            if value in (0, -0) and fee == value and price == 100 and type(value) is int:
                continue  # a fee of nothing is fine
            with pytest.raises(ValidationError):
                actions.open_hold(
                    ref="r",
                    payee=student,
                    payer_ref="o",
                    currency="USD",
                    parts=[("m1", price, fee)],
                    description="d",
                )
    for currency in ("", "US", "usdollar", "U$D", "１２３", None, 5, True):
        with pytest.raises(ValidationError):
            actions.open_hold(
                ref="r",
                payee=student,
                payer_ref="o",
                currency=currency,
                parts=[("m1", 100, 0)],
                description="d",
            )
    assert not Hold.objects.exists()
    told(2 * len(SENT) + 7)


def test_case_24_a_cancellation_pays_no_such_share(bank, make_hold):
    hold = bank.secured(make_hold)
    values = [value for value in SENT if not (type(value) is int and value == 0)] + [45_001]
    for value in values:
        with pytest.raises(ValidationError):
            actions.refund_rest(by=None, hold=hold, reason="x", pay_student_net=value)
        with pytest.raises(ValidationError):
            actions.cancel_part(by=None, part=hold.parts.first(), reason="x", pay_student_net=value)
    assert hold.figures()["held"] == 50_000
    assert bank.clean()
    told(2 * len(values))


def test_case_24_nothing_of_the_kind_is_taken_back_and_none_is_never_everything(
    bank, make_hold, student, ready, moderator
):
    hold = bank.secured(make_hold)
    ready(student)
    actions.release_part(by=None, part=hold.parts.first())
    bank.settle()
    release = Release.objects.get()
    for value in [*SENT, 20_001]:
        with pytest.raises(ValidationError):
            actions.refund_released(by=moderator, release=release, amount=value, reason="x")
    assert bank.refunds() == []
    assert bank.clean()
    told(len(SENT) + 1)


def test_case_24_the_gateway_sends_no_such_amount(settings):
    settings.STRIPE_API_BASE = "http://localhost:1"
    params = {
        "transfer": lambda value: {"amount": value, "destination": "acct_1", "currency": "usd"},
        "refund": lambda value: {"amount": value, "payment_intent": "pi_1"},
        "reversal": lambda value: {"amount": value, "transfer": "tr_1"},
        "wallet_refund": lambda value: {"amount": value, "payment_intent": "pi_1"},
        "checkout": lambda value: {"line_items": [{"quantity": 1, "price_data": {"unit_amount": value}}]},
    }
    for operation, body in params.items():
        for value in SENT:
            with pytest.raises(ValueError, match="Not an amount"):
                gateway.send(operation, body(value), "key")
        if operation != "checkout":
            with pytest.raises((ValueError, KeyError)):
                gateway.send(operation, {}, "key")  # left out would mean "everything"
    told(len(params) * len(SENT))


def test_case_24_the_ledger_posts_no_such_amount():
    stripe, hold = code("stripe_balance", "USD"), code("hold", "USD", "p1")
    for value in SENT:
        if value == 0 and type(value) is int:
            continue
        with pytest.raises((TypeError, Error)):
            post("funds_secured", "k", [(stripe, value), (hold, 5)], currency="USD")
    for value in (10**8, 10**18):
        with pytest.raises(Error):
            post("funds_secured", "k", [(stripe, value), (hold, -value)], currency="USD")
    assert not LedgerTransaction.objects.exists()
    told(len(SENT) + 1)


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("payments_hold", "price"),
        ("payments_part", "price"),
        ("payments_funding", "amount"),
        ("payments_refund", "amount"),
        ("payments_release", "net"),
    ],
)
def test_case_24_the_database_keeps_no_such_amount(bank, make_hold, student, ready, table, column):
    hold = bank.secured(make_hold)
    ready(student)
    actions.release_part(by=None, part=hold.parts.first())
    actions.refund_rest(by=None, hold=hold, reason="x")
    bank.settle()
    values = ("0", "-5", "100000000", "1e18", "'NaN'", "'Infinity'", "NULL", "''", "'1,000'", "1e30")
    for value in values:
        with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE {table} SET {column} = {value}")
    told(len(values))


def test_case_24_a_webhook_that_claims_such_amounts_moves_nothing(bank, hold, client):
    """What an event says of an amount is not read; what it is about is asked of Stripe."""
    bank.quiet()
    funding = bank.open_page(hold)
    for number, value in enumerate(value for value in SENT if value == value):
        body = event(
            number,
            type="checkout.session.completed",
            data={
                "object": {
                    "id": funding.session_id,
                    "amount_total": value,
                    "currency": value,
                    "payment_status": "paid",
                }
            },
        )
        answer = send(client, json.dumps(body).encode())
        assert answer.status_code in (200, 400)
    bank.worker.wake("payments.drain_events")
    hold.refresh_from_db()
    assert (hold.state, LedgerEntry.objects.count()) == ("unfunded", 0)
    assert not Event.objects.filter(state="stuck").exists()
    assert Call.objects.filter(state="manual").count() == 0
    told(len(SENT) - 1)


def test_case_24_what_people_type_is_read_as_they_mean_it_or_refused():
    for typed in TYPED:
        with pytest.raises(money.MoneyError) as refused:
            money.parse(typed)
        assert str(refused.value).endswith(".")
    assert [money.parse(typed) for typed in ("640", "640.50", "$1,200", " 12 ")] == [
        64_000,
        64_050,
        120_000,
        1_200,
    ]
    for typed, currency in (("1.5", "JPY"), ("1.2345", "KWD"), ("0.4", "JPY")):
        with pytest.raises(money.MoneyError):
            money.parse(typed, currency)
    told(len(TYPED) + 3)
