"""Case 24 at the doors of sponsors and moderators, and the list of all doors, so that no new one is forgotten."""

import json
import re
from datetime import timedelta

import pytest
import yaml
from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.urls import reverse
from rest_framework.test import APIClient

from marketplace.api import reference
from marketplace.ground import clock, policy
from marketplace.ground.acting import ActingAdmin
from payments.disputes import actions as disputes
from payments.holds import actions
from payments.holds.models import Release
from payments.holds.recovery import Reversal
from payments.ledger.models import LedgerTransaction
from payments.wallets import actions as wallets
from payments.wallets.models import Lot, Payback
from projects.disputing import actions as parties
from projects.disputing.models import Statement
from projects.disputing.tasks import disputes_clock
from projects.sponsoring import actions as sponsoring
from projects.sponsoring import forms as sponsor_forms
from projects.sponsoring.models import Programme
from tests.projects import engagements as world
from tests.projects import sponsors

from .test_bad_amounts import JSON, SENT, TYPED, told
from .test_cases_recovery import coordinators, question, wallet  # noqa: F401

pytestmark = pytest.mark.django_db(transaction=True)

NOTHING = ("0", "0.00")  # may be typed where nothing is a choice
OPTIONAL = ("cap_project", "cap_student")


def page(name, thing):
    return reverse(f"sponsoring:{name}", args=[thing.public_id])


# --- sponsors ---------------------------------------------------------------------------------------------
def test_case_24_a_sponsors_pages_say_what_is_wrong_and_keep_what_was_typed(client, wallet, coordinators):  # noqa: F811
    client.force_login(coordinators[0])
    doors = {
        "top_up": ("top_up", "amount", TYPED),
        "pay_back": ("pay_back", "amount", TYPED),
        "low_mark": ("mark", "low_at", [typed for typed in TYPED if typed not in NOTHING]),
    }
    for name, (form, field, values) in doors.items():
        for typed in values:
            answer = client.post(page(name, wallet), {field: typed})
            assert answer.status_code == 422, (name, typed)
            assert answer.context[form].errors[field], (name, typed)
            assert answer.context[form][field].value() == typed
        told(len(values))
    wallet.refresh_from_db()
    assert (wallet.low_at, Lot.objects.count(), Payback.objects.count()) == (0, 0, 0)


def typed_rules(**changes) -> dict:
    today = clock.now().date()
    return {
        "name": "First steps",
        "share": "60",
        "budget": "500",
        "starts_on": today,
        "ends_on": today + timedelta(days=30),
        "approval": "each",
        "hours_min": "5",
        "hours_max": "40",
        **changes,
    }


@pytest.mark.parametrize("field", ["budget", "cap_project", "cap_student", "hourly_min"])
def test_case_24_the_rules_of_a_programme_hold_amounts_only(client, wallet, coordinators, field):  # noqa: F811
    client.force_login(coordinators[0])
    address = page("programme_new", wallet)
    values = [typed for typed in TYPED if not (field == "hourly_min" and typed in NOTHING)]
    for typed in values:
        answer = client.post(address, typed_rules(**{field: typed}))
        assert answer.status_code == 422, typed
        assert answer.context["form"].errors[field], typed
    sent = [value for value in SENT if not (value is None and field in OPTIONAL)]
    sent = [value for value in sent if not (field == "hourly_min" and type(value) is int and value == 0)]
    for value in sent:
        with pytest.raises(ValidationError) as refused:
            sponsoring.save_programme(
                by=coordinators[0], wallet=wallet, data=sponsors.rules(**{field: value})
            )
        assert field in refused.value.message_dict, value
    assert not Programme.objects.exists()
    assert client.post(address, typed_rules(**{field: "500"})).status_code == 302
    told(len(values) + len(sent))


def test_case_24_asking_back_and_the_mark_take_whole_amounts_only(wallet, coordinators):  # noqa: F811
    by, marks = coordinators[0], [value for value in SENT if not (type(value) is int and value == 0)]
    for value in SENT:
        with pytest.raises(ValidationError) as refused:
            sponsoring.ask_money_back(by=by, wallet=wallet, amount=value)
        assert "amount" in refused.value.message_dict, value
    for value in marks:
        with pytest.raises(ValidationError) as refused:
            wallets.set_low_mark(by=by, wallet=wallet, amount=value)
        assert "low_at" in refused.value.message_dict, value
    assert not LedgerTransaction.objects.exists()
    told(len(SENT) + len(marks))


# --- moderators -------------------------------------------------------------------------------------------
@pytest.fixture
def released(bank, make_hold, student, ready):
    """A hold of which the first part is with the student."""
    hold = bank.secured(make_hold)
    ready(student)
    actions.release_part(by=None, part=hold.parts.first())
    bank.settle()
    return hold, Release.objects.get()


@pytest.fixture
def office(client, moderator):
    client.force_login(moderator)
    return client


def refused_by(office, model: str, thing, act: str, field: str, **form) -> None:
    """Every typed amount is refused beside `field`, and no posting is made."""
    before = LedgerTransaction.objects.count()
    address = reverse(f"admin:payments_{model}_act", args=[thing.pk, act])
    for typed in TYPED:
        answer = office.post(address, {field: typed, "reasons": "Looked at it", **form})
        assert answer.status_code == 422, typed
        assert answer.context["form"].errors[field], typed
    assert LedgerTransaction.objects.count() == before
    told(len(TYPED))


def test_case_24_a_moderator_takes_back_and_refunds_amounts_only(office, bank, released):
    hold, release = released
    refused_by(office, "release", release, "refund", "amount")
    refused_by(office, "hold", hold, "refund", "share")
    assert not Reversal.objects.exists()
    assert bank.refunds() == []
    assert bank.clean()


def test_case_24_a_dispute_takes_back_amounts_only(office, bank, moderator, released):
    rules = policy.current()
    rules.disputes_from_students = True
    rules.save()
    hold, release = released
    dispute = question(bank, hold)
    refused_by(office, "dispute", dispute, "take-back", "amount", release=release.public_id)
    for value in SENT:
        with pytest.raises(ValidationError):
            disputes.take_back_for(by=moderator, dispute=dispute, release=release, amount=value, reason="x")
    assert not Reversal.objects.exists()
    told(len(SENT))


# --- the two sides of a dispute, and whoever decides it ------------------------------------------------------
@pytest.fixture
def step():
    """A milestone that has been handed in, by Amara for Hana."""
    amara, hana = world.student("Amara Okafor"), world.person("Hana Reyes")
    engagement = world.active(amara, hana, world.organisation(hana))
    first = world.milestones(engagement)[0]
    world.hand_in(amara, first)
    return world.again(first)


BAD_TYPED = [typed for typed in TYPED if typed not in NOTHING]
BAD_SENT = [value for value in JSON if value != "-0" and not (type(value) is int and value == 0)]


def test_case_24_a_side_of_a_dispute_names_amounts_only(client, step):
    employer, student = step.engagement.organisation.memberships.get().user, step.engagement.student
    by_api = APIClient()

    def refused(who, address, api):
        client.force_login(who)
        by_api.force_authenticate(who)
        before = LedgerTransaction.objects.count(), Statement.objects.count()
        for typed in BAD_TYPED:
            answer = client.post(address, {"amount": typed, "text": "So it was."})
            assert answer.status_code == 422, typed
            assert answer.context["form"].errors["amount"], typed
            assert answer.context["form"]["amount"].value() == typed
        for value in BAD_SENT:
            body = json.dumps({"amount": value, "text": "So it was."})
            answer = by_api.post(api, body, content_type="application/json")
            assert answer.status_code == 400, (value, answer.content)
        assert (LedgerTransaction.objects.count(), Statement.objects.count()) == before
        told(len(BAD_TYPED) + len(BAD_SENT))

    refused(
        employer,
        reverse("disputing:new", args=[step.public_id]),
        reverse("api:milestones-disputes", args=[step.public_id]),
    )
    dispute = parties.open_dispute(by=employer, milestone=step, amount=3_000, text="A part is missing.")
    refused(
        student,
        reverse("disputing:answer", args=[dispute.public_id]),
        reverse("api:disputes-answer", args=[dispute.public_id]),
    )


def test_case_24_a_moderator_decides_a_dispute_by_an_amount_only(office, step):
    employer = step.engagement.organisation.memberships.get().user
    dispute = parties.open_dispute(by=employer, milestone=step, amount=3_000, text="A part is missing.")
    clock.advance(timedelta(days=6))
    disputes_clock()
    address = reverse("admin:projects_dispute_act", args=[dispute.pk, "decide"])
    for typed in BAD_TYPED:
        answer = office.post(address, {"amount": typed, "text": "As it was agreed."})
        assert answer.status_code == 422, typed
        assert answer.context["form"].errors["amount"], typed
    dispute.refresh_from_db()
    assert dispute.decided is None
    told(len(BAD_TYPED))


# --- every door is in this list ---------------------------------------------------------------------------
#: Where a moderator types an amount: (model, act, field). `NaN` and its like are tried at each, here or in
#: test_bad_amounts.py.
ADMIN_DOORS = {
    ("release", "refund", "amount"),
    ("hold", "refund", "share"),
    ("dispute", "take-back", "amount"),
    ("wallet", "record", "amount"),
    ("dispute", "decide", "amount"),
}
#: Where a sponsor types one.
FORM_DOORS = {
    ("TopUpForm", "amount"),
    ("PayBackForm", "amount"),
    ("LowMarkForm", "low_at"),
    ("ProgrammeForm", "budget"),
    ("ProgrammeForm", "cap_project"),
    ("ProgrammeForm", "cap_student"),
    ("ProgrammeForm", "hourly_min"),
}
#: What a program may send as one: the price of a posting, and what a side of a dispute names.
API_DOORS = {"price", "amount"}
MONEY = re.compile(r"(^|_)(amount|price|budget|share|cap|fee|net|gross|pay|sum|low_at|hourly)(_|$)")


def test_case_24_no_moderators_act_about_amounts_is_left_out():
    found = {
        (model._meta.model_name, act.slug, name)
        for model, page_ in admin.site._registry.items()
        if isinstance(page_, ActingAdmin)
        for act in page_.acts
        if isinstance(act.form, type) and issubclass(act.form, forms.BaseForm)
        for name in getattr(act.form, "base_fields", {})
        if MONEY.search(name)
    }
    assert found == ADMIN_DOORS


def test_case_24_no_form_of_sponsors_is_left_out():
    found = {
        (name, field)
        for name, form in vars(sponsor_forms).items()
        if isinstance(form, type) and issubclass(form, forms.BaseForm)
        for field, kind in getattr(form, "base_fields", {}).items()
        if isinstance(kind, sponsor_forms.MoneyField)
    }
    assert found == FORM_DOORS


def test_case_24_no_field_of_the_api_is_left_out():
    schema = yaml.safe_load(reference.SCHEMA.read_text())
    named = {
        body["schema"]["$ref"].rpartition("/")[2]
        for path in schema["paths"].values()
        for operation in path.values()
        if isinstance(operation, dict)
        for body in operation.get("requestBody", {}).get("content", {}).values()
        if "$ref" in body.get("schema", {})
    }
    fields = {
        field
        for name in named
        for field, shape in schema["components"]["schemas"][name].get("properties", {}).items()
        if MONEY.search(field) and shape.get("type") == "integer"
    }
    assert fields == API_DOORS
