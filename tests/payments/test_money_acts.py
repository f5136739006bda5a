"""What a moderator decides about money, on the rows' own pages of the admin: done, or refused with a sentence."""

import re
import threading

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import User
from payments.disputes.models import Dispute, FraudWarning
from payments.holds import actions
from payments.holds.models import Refund
from payments.holds.recovery import Receivable, Reversal
from payments.ledger.models import LedgerTransaction
from payments.stripe.models import Call
from tests.payments.test_disputes import from_students, hear, question, warn  # noqa: F401
from tests.payments.test_recovery import bounced, emptied, released  # noqa: F401

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def act(admin_client):
    def run(thing, slug, status=302, **form):
        url = reverse(f"admin:payments_{thing._meta.model_name}_act", args=[thing.pk, slug])
        answer = admin_client.post(url, form)
        assert answer.status_code == status, answer.content.decode()[-3000:]
        thing.refresh_from_db()
        return answer.content.decode()

    return run


@pytest.fixture
def page(admin_client):
    def run(thing):
        url = reverse(f"admin:payments_{thing._meta.model_name}_change", args=[thing.pk])
        answer = admin_client.get(url)
        assert answer.status_code == 200
        return answer.content.decode()

    return run


def test_a_hold_is_stopped_and_goes_on(secure, hold, act, page):
    secure(hold)
    act(hold, "stop", reasons="somebody called")
    assert hold.frozen_why == "somebody called"
    assert "A moderator has stopped it already." in act(hold, "stop", 409, reasons="again")
    act(hold, "go-on")
    assert hold.frozen_at is None
    assert "No moderator has stopped it." in act(hold, "go-on", 409)
    assert "$500.00" in page(hold)


def test_a_part_is_released_and_the_rest_refunded_after_a_share(secure, hold, student, ready, act, work):
    secure(hold)
    ready(student)
    assert "no part with this number" in act(hold, "release", 422, part=9, reasons="x")
    act(hold, "release", part=1, reasons="the employer is gone")
    assert "digits" in act(hold, "refund", 422, share="much", reasons="x")
    assert "between zero" in act(hold, "refund", 422, share="999", reasons="x")
    act(hold, "refund", share="90", reasons="half was done")
    work()
    found = hold.figures()
    assert (found["net_released"], found["refunded"]) == (27_000, 20_000)
    assert "Nothing is held here any more." in act(hold, "refund", 409, reasons="x")


@pytest.mark.parametrize(
    "amount", ["0", "-5", "NaN", "Infinity", "1e3", "10.005", "1,00", "10" * 15, "２０", "x", ""]
)
def test_amounts_that_cannot_be_are_refused_beside_the_field(released, act, amount):  # noqa: F811
    hold, release = released()
    act(release, "refund", 422, amount=amount, reasons="x")
    assert not Reversal.objects.exists()


def test_a_form_that_is_sent_twice_takes_back_once(released, admin_client, act):  # noqa: F811
    _, release = released()
    url = reverse("admin:payments_release_act", args=[release.pk, "refund"])
    form = admin_client.get(url).content.decode()
    assert "$200.00" in re.search(r"Can be taken back</th><td>([^<]+)", form)[0]
    token = re.search(r'name="form_token" value="([^"]+)"', form)[1]
    act(release, "refund", 422, amount="201", reasons="x", form_token=token)  # refused: it may be corrected
    clients = [Client(), Client()]
    for client in clients:
        client.force_login(User.objects.get(pk=admin_client.session["_auth_user_id"]))
    gate = threading.Barrier(2)

    def send(client):
        gate.wait()
        try:
            client.post(url, {"amount": "10", "reasons": "x", "form_token": token})
        finally:
            connection.close()

    threads = [threading.Thread(target=send, args=[client]) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Reversal.objects.count() == 1
    act(release, "refund", amount="10", reasons="again, and meant", form_token="another")
    assert Reversal.objects.count() == 2


def test_a_released_part_is_taken_back_and_refunded(released, act, page, work):  # noqa: F811
    hold, release = released()
    assert "at most $200.00" in act(release, "refund", 422, amount="201", reasons="x")
    act(release, "refund", 422, amount="200", reasons="")
    act(release, "refund", amount="200", reasons="it was copied")
    work()
    work()
    assert hold.figures()["refunded"] == 20_000
    assert "it was copied" in page(release)
    assert "with the student" in act(release, "refund", 409, amount="1", reasons="x")
    assert "gone on already" in act(Reversal.objects.get(), "to-payer", 409, reasons="x")


def test_what_a_student_owes_is_written_off_by_two(released, act, page, emptied, work, make_person, client):  # noqa: F811
    hold, release = released()
    emptied()
    act(release, "refund", amount="200", reasons="it was copied")
    work()
    receivable = Receivable.objects.get()
    act(receivable, "write-off", reasons="cannot pay")
    assert receivable.state == "owed"
    assert "second moderator" in act(receivable, "write-off", 409, reasons="please")
    other = make_person("Second")
    type(other).objects.filter(pk=other.pk).update(is_staff=True)
    other.refresh_from_db()
    actions.write_off(by=other, receivable=receivable, reason="agreed")
    assert "written off" in page(receivable)


def test_a_failed_refund_is_sent_again(bounced, act, work):  # noqa: F811
    act(bounced, "resend", reasons="the card works again")
    work()
    assert Refund.objects.get(replaces=bounced).state == "succeeded"
    assert "sent again" in act(bounced, "bank", 409, reference="x", reasons="x")


def test_a_failed_refund_is_paid_by_bank(bounced, act, page):  # noqa: F811
    act(bounced, "bank", reference="Wire 12", reasons="no card any more")
    assert (bounced.state, bounced.bank_reference) == ("returned", "Wire 12")
    assert "no card any more" in page(bounced)


def test_a_dispute_is_answered(secure, hold, act, page, question, admin_client):  # noqa: F811
    secure(hold)
    dispute = question(hold)
    form = reverse("admin:payments_dispute_act", args=[dispute.pk, "send"])
    assert hold.description in admin_client.get(form).content.decode()  # what is drafted stands in the form
    act(dispute, "edit", uncategorized_text="It was delivered on Monday.")
    assert dispute.evidence == {"uncategorized_text": "It was delivered on Monday."}
    act(dispute, "send", uncategorized_text="It was delivered on Monday. The employer approved it.")
    assert "on its way" in act(dispute, "send", 409, uncategorized_text="x")
    assert "approved it" in page(dispute)
    act(dispute, "read")


def test_money_is_taken_back_for_a_dispute(released, act, question, from_students, work):  # noqa: F811
    hold, release = released()
    dispute = question(hold)
    assert "no release with this id" in act(dispute, "take-back", 422, release="zzz", amount="1", reasons="x")
    act(dispute, "take-back", release=release.public_id, amount="200", reasons="agreed with the student")
    work()
    assert hold.figures()["recovered"] == 20_000
    assert "sent" in act(dispute, "stop-release", 409, release=release.public_id, reasons="x")


def test_by_the_rules_approved_pay_stays_with_the_student(released, act, question):  # noqa: F811
    hold, release = released()
    dispute = question(hold)
    said = act(dispute, "take-back", 409, release=release.public_id, amount="200", reasons="x")
    assert "leave approved pay with the student" in said


def test_a_warning_is_dismissed_or_refunded(secure, hold, act, page, warn, work):  # noqa: F811
    secure(hold)
    warning = warn(hold)
    act(warning, "dismiss", 422, reasons="")
    act(warning, "refund", reasons="the card was stolen")
    hear(work)
    assert hold.figures()["refunded"] == 50_000
    assert "decided" in act(warning, "dismiss", 409, reasons="x")
    assert "the card was stolen" in page(warning)
    assert FraudWarning.objects.get().state == "refunded"
    assert not Dispute.objects.exists()


def test_a_page_of_money_says_amounts_as_money_and_folds_what_machines_wrote(secure, hold, page):
    secure(hold)
    text = page(hold)
    assert "$500.00" in text
    assert ">50000<" not in text
    assert "$200.00" in text
    assert ">20000<" not in text
    posting = LedgerTransaction.objects.filter(kind="funds_secured").first()
    assert "\u2212$" in page(posting)
    funding = hold.fundings.get()
    assert "$500.00" in page(funding)
    assert "<details><summary>Show (" in page(Call.objects.first())


def test_a_refund_is_decided_by_facts_and_a_closed_act_has_no_form(secure, hold, admin_client):
    url = reverse("admin:payments_hold_act", args=[hold.pk, "refund"])
    closed = admin_client.get(url).content.decode()
    assert "The funds are not secured yet." in closed
    assert 'name="reasons"' not in closed
    secure(hold)
    text = admin_client.get(url).content.decode()
    assert 'name="reasons"' in text
    assert "Held now, fee included" in text
    assert "$500.00, to those who paid it" in text
