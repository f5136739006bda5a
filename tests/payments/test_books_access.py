"""Who reads an organisation's money: its owners and a moderator; its managers the papers alone; strangers nothing."""

import csv
import io
from datetime import UTC, datetime, timedelta
from importlib import import_module
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.employers.models import Membership, Organisation
from marketplace.ground import policy
from payments.books import entries
from payments.holds.actions.numbering import next_number

pytestmark = pytest.mark.django_db

OWNERS_PAGES = ("statement", "statement_sheet", "costs", "billing_details")


@pytest.fixture
def halden(make_person):
    """An organisation with an owner and a manager."""
    row = Organisation.objects.create(name="Halden Bikes")
    row.owner, row.manager = make_person("Ines Halden"), make_person("Mana Ger")
    Membership.objects.create(organisation=row, user=row.owner, role=Membership.Role.OWNER)
    Membership.objects.create(organisation=row, user=row.manager, role=Membership.Role.MANAGER)
    return row


@pytest.fixture
def stranger(make_person):
    person = make_person("Otto Other")
    other = Organisation.objects.create(name="Other")
    Membership.objects.create(organisation=other, user=person, role=Membership.Role.OWNER)
    return person


def page(name, organisation):
    return reverse(f"payments:{name}", args=[organisation.public_id])


@pytest.mark.parametrize("name", OWNERS_PAGES)
def test_a_manager_is_told_who_may_and_a_stranger_finds_nothing(client, halden, stranger, name):
    client.force_login(halden.manager)
    refused = client.get(page(name, halden))
    assert refused.status_code == 403
    assert "Owners see and manage" in refused.content.decode()
    client.force_login(stranger)
    assert client.get(page(name, halden)).status_code == 404
    client.force_login(halden.owner)
    assert client.get(page(name, halden)).status_code == 200


def test_what_a_manager_or_a_stranger_writes_is_not_kept(client, halden, stranger):
    from payments.books.models import BillingDetails

    given = {"name": "Mine now", "address": "1 Some Road"}
    for person, status in ((halden.manager, 403), (stranger, 404)):
        client.force_login(person)
        assert client.post(page("billing_details", halden), given).status_code == status
    assert not BillingDetails.objects.exists()


def test_a_manager_reads_the_papers_and_no_sums(client, halden):
    client.force_login(halden.manager)
    text = client.get(page("billing", halden)).content.decode()
    assert page("statement", halden) not in text
    assert page("costs", halden) not in text


def test_a_moderator_reads_and_writes_nothing(client, halden, make_person):
    moderator = make_person("Mo Derator")
    moderator.is_staff = True
    moderator.save()
    client.force_login(moderator)
    for name, status in (
        ("statement", 200),
        ("statement_sheet", 200),
        ("costs", 200),
        ("billing_details", 403),
    ):
        assert client.get(page(name, halden)).status_code == status


def test_the_statement_over_http_goes_by_the_same_rules(halden, stranger):
    path = f"/api/v1/statements/?organisation={halden.public_id}"
    for person, status in ((halden.owner, 200), (halden.manager, 403), (stranger, 404)):
        api = APIClient()
        api.force_authenticate(person)
        assert api.get(path).status_code == status
    api = APIClient()
    api.force_authenticate(halden.owner)
    assert api.get(f"{path}&month=2026-13").status_code == 400
    assert api.get("/api/v1/statements/?organisation=nobody").status_code == 404
    assert APIClient().get(path).status_code == 401


WRONG_MONTHS = ["1999-12", "2026-00", "2026-13", "20x6-01", "-1-01", "2026", "9" * 30, "2026-1-1", "3026-01"]


@pytest.mark.parametrize("month", WRONG_MONTHS)
def test_a_file_of_a_month_that_cannot_be_is_no_file_and_the_page_says_why(client, halden, month):
    client.force_login(halden.owner)
    assert client.get(page("statement_sheet", halden), {"month": month}).status_code == 404
    shown = client.get(page("statement", halden), {"month": month})
    assert shown.status_code == 422
    assert "Write the month as year and month" in shown.content.decode()


def test_the_file_of_a_month_without_money_has_its_headings(client, halden):
    client.force_login(halden.owner)
    answer = client.get(page("statement_sheet", halden), {"month": f"{entries.today():%Y-%m}"})
    rows = list(csv.reader(io.StringIO(b"".join(answer).decode().removeprefix("\ufeff"))))
    assert rows[0][0] == "Date"
    assert len(rows) == 1


# --- the numbers of papers ----------------------------------------------------------------------------------
def test_every_series_counts_by_itself_and_by_the_operators_years():
    now = datetime(2026, 12, 31, 23, 30, tzinfo=ZoneInfo(policy.current().zone))
    assert [next_number("R", now), next_number("INV", now), next_number("R", now)] == [
        "2026-000001",
        "2026-000001",
        "2026-000002",
    ]
    assert next_number("R", now + timedelta(hours=1)) == "2027-000001"


def test_receipts_count_on_where_the_old_counter_stood():
    migration = import_module("payments.migrations.9011_one_counter_of_papers")
    state = MigrationLoader(connection).project_state(("payments", "9010_lots_and_limits_of_old_rows"))
    migration.Migration.operations[0].state_forwards("payments", state)
    old = state.apps.get_model("payments", "ReceiptCounter")
    with connection.schema_editor() as editor:
        editor.create_model(old)
    old.objects.create(year=2025, last=7)
    old.objects.create(year=2026, last=41)

    migration.receipts_count_on(state.apps, None)
    noon = datetime(2026, 6, 1, 12, tzinfo=UTC)
    assert next_number("R", noon) == "2026-000042"
    assert next_number("INV", noon) == "2026-000001"
    old.objects.all().delete()
    migration.receipts_apart(state.apps, None)
    assert dict(old.objects.values_list("year", "last")) == {2025: 7, 2026: 42}
