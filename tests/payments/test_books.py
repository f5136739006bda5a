"""The books as people read them: papers without gaps, statements that add up, earnings by cash date."""

import pytest

from payments.books import earnings, entries, statements
from payments.books.models import Document
from payments.holds import actions

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
