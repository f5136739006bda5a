"""Who pays is one customer at Stripe; a card is kept only when asked for, and forgotten when an owner says so."""

from datetime import timedelta
from html.parser import HTMLParser

import pytest
from django.urls import reverse

from accounts.employers import actions as employers
from accounts.employers.models import Membership
from accounts.users import actions as users
from marketplace.ground import clock
from marketplace.ground.errors import NotAllowed, WrongMoment
from payments.holds import actions
from payments.payers import actions as payers
from payments.payers.models import Payer, PaymentMethod
from payments.stripe import tasks
from payments.stripe.models import Call
from tests.payments.conftest import URLS
from tests.payments.test_outbox import later
from tests.payments.test_sandbox import browse
from tests.payments.test_webhooks import deliver, events_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def organisation(employer):
    return employers.create_organisation(by=employer, name="Halden Bikes")


@pytest.fixture
def bill(sandbox, make_hold, organisation, employer):
    """A hold that the organisation has to pay, with its payment page open: (hold, address of the page)."""

    def make():
        hold = make_hold(payer_ref=organisation.public_id)
        tasks.drain_calls()
        return hold, actions.funding_url(actions.start_checkout(by=employer, hold=hold, **URLS))

    return make


@pytest.fixture
def kept(bill, sandbox, client, organisation):
    """A card that was kept on the payment page, as the site has heard of it."""
    _, page = bill()
    browse(page, way="card", card_number="4242424242424242", save="yes")
    deliver(client, *events_of(sandbox))
    return PaymentMethod.objects.get()


def customers(sandbox):
    return sandbox.all("/v1/customers")


def test_an_organisation_becomes_one_customer_before_it_pays(bill, sandbox, organisation):
    bill()
    bill()
    assert [row["name"] for row in customers(sandbox)] == ["Halden Bikes"]
    payer = Payer.objects.get()
    assert (payer.ref, payer.stripe_id) == (organisation.public_id, customers(sandbox)[0]["id"])
    assert {session["customer"] for session in sandbox.all("/v1/checkout/sessions")} == {payer.stripe_id}
    assert customers(sandbox)[0]["metadata"]["call"] == str(payer.call.uuid)


def test_until_stripe_has_made_it_the_page_knows_the_address_alone(
    sandbox, make_hold, organisation, employer
):
    sandbox.fault("/v1/customers", "500_before", times=2)
    hold = make_hold(payer_ref=organisation.public_id)
    actions.funding_url(actions.start_checkout(by=employer, hold=hold, **URLS))
    (session,) = sandbox.all("/v1/checkout/sessions")
    assert (session["customer"], session["customer_email"]) == (None, employer.email)


@pytest.mark.parametrize("kind", ["lost", "500_after", "429"])
def test_a_customer_is_made_once_whatever_stripe_answers(sandbox, make_hold, organisation, kind):
    sandbox.fault("/v1/customers", kind)
    make_hold(payer_ref=organisation.public_id)
    for _ in range(3):
        tasks.drain_calls()
        later(minutes=1)
    assert len(customers(sandbox)) == 1
    assert Payer.objects.get().stripe_id == customers(sandbox)[0]["id"]


def test_a_card_is_kept_only_when_the_payer_agrees(bill, sandbox, client):
    _, page = bill()
    assert "Save this card" in browse(page)[1]
    browse(page, way="card", card_number="4242424242424242")
    deliver(client, *events_of(sandbox))
    assert not PaymentMethod.objects.exists()


def test_a_kept_card_pays_the_next_time(kept, bill, sandbox):
    assert kept.words == "Visa ending in 4242"
    assert kept.expires == "12/2034"
    hold, page = bill()
    assert "Visa ending in 4242" in browse(page)[1]
    assert browse(page, way="saved", method=kept.stripe_id)[0] == 302
    actions.refresh_funding(hold)
    hold.refresh_from_db()
    assert hold.state == "secured"
    assert browse(bill()[1], way="saved", method="pm_of_somebody_else")[0] == 422


def test_three_d_secure_keeps_the_card_too(bill, sandbox, client):
    _, page = bill()
    _, text, _ = browse(page, way="card", card_number="4000002760003184", save="yes")
    assert 'name="save" value="yes"' in text
    browse(f"{page}/confirm", answer="agree", save="yes")
    deliver(client, *events_of(sandbox))
    assert PaymentMethod.objects.get().last4 == "3184"


class Fields(HTMLParser):
    """The hidden fields of a page, and the boxes that are ticked."""

    def __init__(self, text: str):
        super().__init__()
        self.found: dict[str, str] = {}
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "input" and (given.get("type") == "hidden" or "checked" in given):
            self.found[given["name"]] = given["value"]


def test_a_card_survives_a_refused_and_a_confirmed_challenge_and_is_on_the_page(
    bill, sandbox, client, employer, organisation
):
    """Every form is sent as the page before it made it, as a browser does."""
    hold, page = bill()
    _, asked, _ = browse(page, way="card", card_number="4000002760003184", save="yes")
    status, again, _ = browse(f"{page}/confirm", **Fields(asked).found, answer="refuse")
    assert status == 402
    ticked = Fields(again).found
    assert ticked["save"] == "yes"  # what was ticked stays ticked
    _, asked, _ = browse(page, way="card", card_number="4000002760003184", save=ticked["save"])
    assert browse(f"{page}/confirm", **Fields(asked).found, answer="agree")[0] == 302
    deliver(client, *events_of(sandbox))
    tasks.drain_events()
    hold.refresh_from_db()
    assert hold.state == "secured"

    client.force_login(employer)
    shown = client.get(reverse("payments:methods", args=[organisation.public_id])).content.decode()
    assert "Visa ending in 3184" in shown
    _, page = bill()
    assert "Visa ending in 3184" in browse(page)[1]  # and Stripe offers it the next time


def test_an_older_list_takes_no_card_away_that_was_saved_meanwhile(kept, organisation):
    payer, before = kept.payer, clock.now() - timedelta(seconds=5)
    payers.apply_methods(payer, [], asked_at=before)
    kept.refresh_from_db()
    assert kept.state == "saved"


def test_a_card_that_stripe_lists_again_is_back_unless_its_owner_removed_it(kept, employer, organisation):
    payer = kept.payer
    payers.apply_methods(payer, [])
    kept.refresh_from_db()
    assert kept.state == "removed"
    payers.sync_methods(payer)
    kept.refresh_from_db()
    assert kept.state == "saved"

    listed = payers.gateway.payment_methods_of(payer.stripe_id)
    payers.remove_method(by=employer, organisation=organisation, method=kept)
    tasks.drain_calls()
    payers.apply_methods(payer, listed)
    kept.refresh_from_db()
    assert kept.state == "removed"


def test_an_owner_removes_it_on_the_page_and_stripe_forgets_it(kept, client, employer, organisation, sandbox):
    client.force_login(employer)
    page = reverse("payments:methods", args=[organisation.public_id])
    assert "Visa ending in 4242" in client.get(page).content.decode()
    remove = reverse("payments:method_remove", args=[organisation.public_id, kept.public_id])
    assert client.post(remove).status_code == 302
    assert "Being removed" in client.get(page).content.decode()
    assert client.post(remove).status_code == 409
    tasks.drain_calls()
    kept.refresh_from_db()
    assert kept.state == "removed"
    assert sandbox.get(f"/v1/payment_methods/{kept.stripe_id}")["customer"] is None
    assert "Nothing saved yet" in client.get(page).content.decode()
    assert client.post(remove).status_code == 404


def test_a_manager_sees_it_and_cannot_remove_it(kept, client, make_person, organisation):
    manager = make_person("Mia Manager")
    Membership.objects.create(organisation=organisation, user=manager)
    with pytest.raises(NotAllowed):
        payers.remove_method(by=manager, organisation=organisation, method=kept)
    client.force_login(manager)
    text = client.get(reverse("payments:methods", args=[organisation.public_id])).content.decode()
    assert "Visa ending in 4242" in text
    assert "Remove it" not in text


def test_a_stranger_sees_nothing_and_another_owner_reaches_nothing(kept, client, make_person, organisation):
    stranger = make_person()
    other = employers.create_organisation(by=stranger, name="Other")
    client.force_login(stranger)
    assert client.get(reverse("payments:methods", args=[organisation.public_id])).status_code == 404
    remove = reverse("payments:method_remove", args=[other.public_id, kept.public_id])
    assert client.post(remove).status_code == 404


@pytest.mark.parametrize("kind", ["lost", "500_after", "refuse"])
def test_a_removal_answered_badly_ends_removed(kept, employer, organisation, sandbox, kind):
    sandbox.fault("/v1/payment_methods", kind)
    payers.remove_method(by=employer, organisation=organisation, method=kept)
    for _ in range(3):
        tasks.drain_calls()
        later(minutes=1)
    kept.refresh_from_db()
    assert kept.state == "removed"
    assert Call.objects.get(operation="detach").state == "done"


def test_what_stripe_has_forgotten_by_itself_is_gone_here_too(kept, sandbox, employer, organisation):
    payers.remove_method(by=employer, organisation=organisation, method=kept)
    call = Call.objects.get(operation="detach")
    payers.gateway.send("detach", {"payment_method": kept.stripe_id}, "by-hand")
    tasks.drain_calls()
    call.refresh_from_db()
    kept.refresh_from_db()
    assert (call.state, kept.state) == ("rejected", "removed")
    with pytest.raises(WrongMoment):
        payers.remove_method(by=employer, organisation=organisation, method=kept)


def test_when_the_last_person_leaves_stripe_forgets_the_cards(kept, employer, organisation, sandbox):
    users.erase_account(by=employer)
    tasks.drain_calls()
    kept.refresh_from_db()
    assert kept.state == "removed"
    assert Payer.objects.get().closed_at
    assert sandbox.get(f"/v1/customers/{Payer.objects.get().stripe_id}/payment_methods")["data"] == []
