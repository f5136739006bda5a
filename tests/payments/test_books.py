"""The books as people read them: papers without gaps, statements that add up, earnings by cash date."""

import csv
import io
from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.contrib.auth import get_user_model
from django.template.loader import render_to_string
from django.urls import reverse

from accounts.models import School, StudentProfile
from accounts.schools.models import SchoolStaff
from marketplace.ground import clock, sheets
from marketplace.home import school as home
from payments.books import actions as actions_of_books
from payments.books import earnings, entries, journal, naming, reports, statements
from payments.books.models import Document
from payments.holds import actions
from payments.holds.actions import paying_out
from payments.holds.models import Release
from payments.ledger.actions import post
from payments.ledger.chart import code
from payments.ledger.models import LedgerAccount
from payments.ledger.queries import balance
from payments.stripe import tasks
from payments.wallets import actions as wallets
from tests.payments.test_disputes import decide, question  # noqa: F401
from tests.payments.test_wallets import sponsored_hold

pytestmark = pytest.mark.django_db(transaction=True)


def numbers(kind):
    return list(Document.objects.filter(kind=kind).order_by("id").values_list("number", flat=True))


@pytest.fixture
def done(secure, ready, work, student, employer):
    """Secured and wholly released: 500.00 with a fee of 50.00."""

    def run(hold):
        ready(student)
        secure(hold)
        for part in hold.parts.all():
            actions.release_part(by=employer, part=part)
        work()
        return hold

    return run


def test_a_whole_engagement_on_paper_and_in_the_statement(done, hold, student):
    done(hold)
    [invoice] = Document.objects.all()
    assert invoice.number == f"INV-{entries.today().year}-000001"
    assert [line["amount"] for line in invoice.lines] == [18_000, 27_000, 5_000]
    assert (invoice.total, invoice.tax) == (50_000, 0)
    [month] = statements.statement("org-1", entries.today().replace(day=1))
    assert (month.opening, month.secured, month.released, month.fees, month.refunded, month.other) == (
        0,
        50_000,
        45_000,
        5_000,
        0,
        0,
    )
    assert month.closing == 0 == month.lines[-1].balance
    [year] = earnings.in_year(student, entries.today().year)
    assert (year.net, year.fee, year.gross) == (45_000, 5_000, 50_000)
    [now] = earnings.standing(student)
    assert (now.released, now.arrived, now.on_its_way, now.taken_back, now.waits) == (45_000, 0, 45_000, 0, 0)
    assert sum(row.net for row in earnings.movements(student)) == 45_000
    [total] = statements.totals_of("org-1")
    assert (total.secured, total.held, total.released, total.refunded) == (50_000, 0, 50_000, 0)


def test_a_cancelled_engagement_gets_a_credit_note_that_points_at_its_invoice(
    secure, ready, work, hold, student, employer
):
    ready(student)
    secure(hold)
    actions.release_part(by=employer, part=hold.parts.first())
    actions.refund_rest(by=employer, hold=hold, reason="cancelled", pay_student_net=9_000)
    work()
    invoice, note = Document.objects.order_by("id")
    # Of the second part (net 270.00, fee 30.00) a third is paid: 90.00 and its fee of 10.00; 200.00 goes back.
    assert (note.kind, note.total, note.corrects) == ("credit_note", 20_000, invoice)
    assert note.number == f"CN-{entries.today().year}-000001"
    [month] = statements.statement("org-1", entries.today().replace(day=1))
    assert (month.secured, month.released, month.fees, month.refunded) == (50_000, 27_000, 3_000, 20_000)
    assert month.closing == 0
    [cost] = statements.costs_of([hold])
    assert (cost.planned, cost.secured, cost.released, cost.refunded, cost.fee) == (
        50_000,
        50_000,
        30_000,
        20_000,
        3_000,
    )
    [year] = earnings.in_year(student, entries.today().year)
    assert (year.net, year.gross) == (27_000, 30_000)


# --- the operator ----------------------------------------------------------------------------------------
@pytest.fixture
def office(client, make_person):
    moderator = make_person("Mo Derator")
    moderator.is_staff = True
    moderator.save()
    client.force_login(moderator, "allauth.account.auth_backends.AuthenticationBackend")
    return client


def test_the_operators_figures_are_the_ledgers(done, hold):
    done(hold)
    [usd] = reports.positions()
    assert usd.total == 0
    assert usd.debits == usd.credits
    assert (usd.owing, usd.solvent) == (0, True)
    fees = next(line.amount for line in usd.result if line.name == "platform_fee")
    stripe = next(line.amount for line in usd.result if line.name == "stripe_fee")
    assert fees == 5_000
    assert usd.having == usd.earned == fees - stripe == usd.at_hand
    month = reports.over_time()["USD"][-1]
    assert (month.held, month.secured, month.released, month.fees, month.net) == (
        0,
        50_000,
        45_000,
        5_000,
        5_000 - stripe,
    )
    [row] = journal.with_people(journal.payees_of(entries.today().year))
    assert (row["gross"], row["fee"], row["net"], row["currency"]) == (50_000, 5_000, 45_000, "USD")
    assert reports.summed_up() == {"USD": 0}


@pytest.mark.parametrize(
    "name", ["money", "money_trial", "money_reconciliation", "money_ledger", "money_export", "money_payees"]
)
def test_the_operators_pages_open_with_and_without_money(office, done, hold, name):
    address = reverse(f"admin:{name}")
    assert office.get(address).status_code == 200
    done(hold)
    assert office.get(address).status_code == 200
    assert office.get(address, {"months": "36", "page": "9"}).status_code == 200


def test_the_ledger_is_read_posting_by_posting_and_account_by_account(office, done, hold):
    done(hold)
    found = office.get(reverse("admin:money_ledger"), {"q": hold.ref}, follow=True)
    text = found.content.decode()
    for words in ("Funds secured", "Approved, sent to Stripe", "Released to the student", "$500.00"):
        assert words in text
    account = LedgerAccount.objects.get(code="stripe_balance:USD")
    rows, more = journal.account_page(account)
    assert more is None
    assert rows[0].balance == balance("stripe_balance:USD")
    assert rows[-1].balance == rows[-1].entry.amount
    assert office.get(reverse("admin:money_account", args=[account.pk])).status_code == 200
    assert office.get(reverse("admin:money_account", args=[account.pk]), {"before": "1"}).status_code == 200


def test_the_export_for_the_accountant_balances(office, done, hold):
    done(hold)
    today = entries.today().isoformat()
    answer = office.get(reverse("admin:money_export"), {"first": today, "last": today})
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    total = rows[-1]
    assert total[0] == "Total"
    assert Decimal(total[7]) == Decimal(total[8]) == sum(Decimal(row[7] or 0) for row in rows[1:-1])


@pytest.mark.parametrize(
    ("first", "last", "field"),
    [
        ("2026-13-01", "2026-12-31", "first"),
        ("2026-01-01", "", "last"),
        ("2026-02-01", "2026-01-01", "last"),
        ("2024-01-01", "2026-01-01", "last"),
        ("0001-01-01", "9999-12-31", "last"),
    ],
)
def test_a_range_that_cannot_be_is_told_beside_its_field(office, first, last, field):
    answer = office.get(reverse("admin:money_export"), {"first": first, "last": last})
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.content.decode()


# --- currencies ------------------------------------------------------------------------------------------
def test_currencies_are_never_added_up_and_are_written_right(done, make_hold, student, office):
    done(make_hold())
    done(make_hold(parts=((20_000, 2_000),), currency="JPY"))
    done(make_hold(parts=((50_000, 5_000),), currency="KWD"))
    year = {one.currency: one.net for one in earnings.in_year(student, entries.today().year)}
    assert year == {"USD": 45_000, "JPY": 18_000, "KWD": 45_000}
    assert [one.currency for one in statements.statement("org-1", entries.today().replace(day=1))] == [
        "JPY",
        "KWD",
        "USD",
    ]
    text = office.get(reverse("admin:money")).content.decode()
    assert "¥18,000" in text
    assert "KWD45.000" in text


def test_a_refund_after_release_comes_off_the_statement_the_year_and_the_overview(
    done, hold, student, make_person, work
):
    done(hold)
    release = Release.objects.get(part=hold.parts.first())
    actions.refund_released(by=make_person("Mo"), release=release, amount=20_000, reason="It was copied.")
    work()
    # The first part (net 180.00, fee 20.00) goes back whole, its fee included.
    [month] = statements.statement("org-1", entries.today().replace(day=1))
    assert month.secured == 50_000
    assert month.closing == 0 == month.lines[-1].balance
    [year] = earnings.in_year(student, entries.today().year)
    assert (year.net, year.fee, year.gross) == (27_000, 3_000, 30_000)
    assert sum(row.net for row in earnings.movements(student)) == 27_000
    [now] = earnings.standing(student)
    assert now.taken_back == 18_000
    [total] = statements.totals_of("org-1")
    assert (total.secured, total.held, total.released, total.refunded) == (50_000, 0, 30_000, 20_000)


def test_what_could_not_be_taken_back_is_still_in_the_bank(done, hold, student, make_person, work, sandbox):
    done(hold)
    for _ in range(3):
        sandbox.run(force=True)
    clock.advance(timedelta(hours=1))
    paying_out.sync_old_payouts()
    [before] = earnings.standing(student)
    release = Release.objects.get(part=hold.parts.first())
    actions.refund_released(by=make_person("Mo"), release=release, amount=20_000, reason="It was copied.")
    work()
    work()
    [now] = earnings.standing(student)
    assert (now.owed, now.arrived, now.on_its_way) == (18_000, before.arrived, 0)
    assert before.arrived == before.released == 45_000


def test_the_overview_counts_what_was_taken_back_and_what_was_borne(
    done, hold, student, make_person, work, sandbox
):
    done(hold)
    release = Release.objects.get(part=hold.parts.first())
    actions.refund_released(by=make_person("Mo"), release=release, amount=20_000, reason="It was copied.")
    work()
    month = reports.over_time()["USD"][-1]
    assert (month.secured, month.released, month.fees, month.refunded) == (50_000, 27_000, 3_000, 20_000)
    assert month.held == 0
    [year] = earnings.in_year(student, entries.today().year)
    assert month.released == year.net

    before = month.losses
    legs = [(code("goodwill", "USD"), 700), (code("stripe_balance", "USD"), -700)]
    post("borne", "borne:1", legs, currency="USD")
    month = reports.over_time()["USD"][-1]
    assert month.losses == before + 700
    [usd] = reports.positions()
    assert month.net == usd.earned


# --- sponsors and banks -----------------------------------------------------------------------------------
@pytest.fixture
def sponsored(make_person, make_hold, secure, ready, student):
    """One milestone of 500.00: 300.00 of a sponsor, and the employer's 200.00 with a fee of 20.00."""
    school = School.objects.create(name="Northgate College")
    ruth, mo = make_person("Ruth"), make_person("Mo")
    SchoolStaff.objects.create(user=ruth, school=school)
    get_user_model().objects.filter(pk=mo.pk).update(is_staff=True)
    mo.refresh_from_db()
    wallet = wallets.open_wallet(by=ruth, school=school)
    day = clock.now().date()
    wallets.record_transfer(by=mo, wallet=wallet, amount=90_000, received_on=day, reference="GIFT")
    hold = sponsored_hold(make_hold, wallet, payee=student)
    ready(student)
    secure(hold)
    return hold


def test_a_sponsored_engagement_adds_up_for_the_employer_and_the_student(
    sponsored, student, work, employer, sandbox
):
    [month] = statements.statement("org-1", entries.today().replace(day=1))
    assert (month.secured, month.closing) == (20_000, 20_000)
    actions.release_parts(by=employer, hold=sponsored, ref="m1")
    work()
    sandbox.control("topup", amount=90_000)  # the other transfer counts against what is available
    for _ in range(3):
        tasks.poll_events()
        work()
    assert set(Release.objects.values_list("state", flat=True)) == {"sent"}

    [month] = statements.statement("org-1", entries.today().replace(day=1))  # the employer's own money alone
    assert (month.secured, month.released, month.fees, month.other, month.closing) == (
        20_000,
        18_000,
        2_000,
        0,
        0,
    )
    [total] = statements.totals_of("org-1")
    assert (total.secured, total.held, total.released, total.refunded) == (20_000, 0, 20_000, 0)
    cost = next(one for one in statements.costs_of(statements.holds_of("org-1")) if one.sponsored)
    assert (cost.planned, cost.sponsored, cost.secured, cost.released, cost.fee) == (
        20_000,
        30_000,
        50_000,
        50_000,
        2_000,
    )
    [year] = earnings.in_year(student, entries.today().year)  # the student's, whoever paid
    assert (year.net, year.fee, year.gross) == (48_000, 2_000, 50_000)
    assert sum(row.net for row in earnings.movements(student)) == 48_000
    [now] = earnings.standing(student)
    assert (now.released, now.held, now.waits) == (48_000, 0, 0)
    assert {row["net"] for row in journal.with_people(journal.payees_of(entries.today().year))} == {48_000}


def test_a_chargeback_that_was_lost_adds_up_for_the_employer_and_the_student(
    secure, ready, hold, student, employer, work, question, decide
):
    ready(student)
    secure(hold)
    actions.release_part(by=employer, part=hold.parts.first())
    work()
    decide(question(hold), "lost")
    [month] = statements.statement("org-1", entries.today().replace(day=1))
    assert (month.secured, month.released, month.fees, month.charged_back, month.other) == (
        50_000,
        18_000,
        2_000,
        30_000,
        0,
    )
    assert month.closing == 0 == month.lines[-1].balance
    [total] = statements.totals_of("org-1")
    assert (total.secured, total.held, total.released, total.refunded) == (50_000, 0, 20_000, 0)
    [cost] = statements.costs_of(statements.holds_of("org-1"))
    assert (cost.secured, cost.released, cost.refunded) == (50_000, 20_000, 0)
    [year] = earnings.in_year(student, entries.today().year)  # what was paid out stays the student's
    assert (year.net, year.fee) == (18_000, 2_000)
    [now] = earnings.standing(student)
    assert (now.released, now.held, now.waits, now.owed) == (18_000, 0, 0, 0)
    overview = reports.over_time()["USD"][-1]
    assert (overview.held, overview.released, overview.losses) == (0, 18_000, 20_000)
    [usd] = reports.positions()
    assert (overview.net, usd.total) == (usd.earned, 0)


def test_a_school_sees_its_students_earnings_by_currency(done, make_hold, student, monkeypatch):
    school = School.objects.create(name="Hill College")
    StudentProfile.objects.update_or_create(user=student, defaults={"school": school})
    done(make_hold())
    done(make_hold(parts=((20_000, 2_000),), currency="JPY"))
    monkeypatch.setattr(home.policy, "current", lambda: SimpleNamespace(public_figure_min=0))
    page = home.page(school)
    assert page["earned"] == [("JPY", 18_000), ("USD", 45_000)]
    text = render_to_string("home/school.html", page)
    assert "¥18,000<br>$450" in text


# --- files and papers ------------------------------------------------------------------------------------
def test_a_file_never_carries_a_formula():
    rows = [["=1+1", "+a", "-b", "@c", "\td", "plain", -5, Decimal("-1.50"), None]]
    assert list(sheets.lines(rows)) == ["'=1+1,'+a,'-b,'@c,'\td,plain,-5,-1.50,\r\n"]


def test_papers_are_numbered_without_gaps_whoever_comes_first(secure, make_hold):
    for _ in range(3):
        secure(make_hold())
    year = entries.today().year
    assert numbers("invoice") == [f"INV-{year}-{n:06d}" for n in (1, 2, 3)]


def test_what_was_paid_before_there_were_papers_gets_them_once(secure, hold):
    secure(hold)
    Document.objects.all().delete()
    assert actions_of_books.issue_missing() == 1
    assert actions_of_books.issue_missing() == 0
    assert Document.objects.get().total == 50_000


def test_an_hour_is_said_when_nothing_is_held_any_more(
    secure, ready, work, hold, student, employer, monkeypatch
):
    monkeypatch.setattr(
        statements.naming,
        "about",
        lambda holds: {h.ref: naming.About("Work", hours=Decimal(10)) for h in holds},
    )
    ready(student)
    secure(hold)
    first, *others = hold.parts.all()
    actions.release_part(by=employer, part=first)
    work()
    [going_on] = statements.costs_of(statements.holds_of("org-1"))
    assert going_on.released
    assert not going_on.is_over
    assert going_on.per_hour is None
    for part in others:
        actions.release_part(by=employer, part=part)
    work()
    [over] = statements.costs_of(statements.holds_of("org-1"))
    assert over.is_over
    assert over.per_hour == 5_000


@pytest.mark.parametrize("year", ["1999", "20x6", "-1", "9" * 30])
def test_a_year_without_earnings_is_no_file_of_all_years(done, hold, student, client, year):
    done(hold)
    client.force_login(student)
    for name in ("earnings", "earnings_sheet"):
        assert client.get(reverse(f"payments:{name}"), {"year": year}).status_code == 404
    this = client.get(reverse("payments:earnings_sheet"), {"year": entries.today().year})
    assert this.status_code == 200
