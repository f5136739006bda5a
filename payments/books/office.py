"""The operator's pages of money, inside the admin: how it stands, reconciliation, the ledger, exports."""

from datetime import date
from uuid import UUID

from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.views.decorators.http import require_POST, require_safe

from marketplace.ground import policy, sheets
from marketplace.ground.errors import Invalid

from ..disputes.models import Dispute
from ..holds.models import Hold, Part, Release
from ..ledger.models import LedgerAccount
from ..reconciling import actions as reconcile
from ..stripe import gateway
from ..stripe.models import Reconciliation
from . import entries, journal, naming, reports, words

PER_PAGE = 50
THRESHOLD_CURRENCY = "USD"


PAGES = (
    ("admin:money", "How it stands"),
    ("admin:money_trial", "Trial balance"),
    ("admin:money_reconciliation", "Reconciliation"),
    ("admin:money_ledger", "Ledger"),
    ("admin:money_export", "For the accountant"),
    ("admin:money_payees", "Paid by year"),
)


def _page(request, name: str, title: str, context: dict, status: int = 200):
    return TemplateResponse(
        request,
        f"admin/money/{name}.html",
        {**admin.site.each_context(request), "title": title, "office_pages": PAGES, **context},
        status=status,
    )


@require_safe
def overview(request):
    """Held, released, earned and spent over time; what we have against what we owe; what waits too long."""
    months = next((n for n in reports.MONTHS if str(n) == request.GET.get("months")), reports.MONTHS[0])
    over_time = reports.over_time(months)
    return _page(
        request,
        "overview",
        "Money",
        {
            "months": months,
            "choices": reports.MONTHS,
            "over_time": [
                (currency, _begun(rows), _charts(currency, rows)) for currency, rows in over_time.items()
            ],
            "positions": reports.positions(),
            "ageing": reports.ageing(),
            "last": Reconciliation.objects.first(),
        },
    )


def _begun(rows: list[reports.Month]) -> list[reports.Month]:
    """The months from the first on in which anything was."""
    first = next((place for place, row in enumerate(rows) if row != reports.Month(row.first)), 0)
    return rows[first:]


def _points(rows: list[reports.Month], name: str) -> list[tuple[str, int]]:
    """What a chart draws; nothing when there was nothing in all these months."""
    points = [(f"{row.first:%b}", getattr(row, name)) for row in rows]
    return points if any(value for _, value in points) else []


def _charts(currency: str, rows: list[reports.Month]) -> list[dict]:
    unit = f"money:{currency}"
    return [
        {
            "kind": kind,
            "label": label,
            "unit": unit,
            "points": _points(rows, name),
        }
        for name, label, kind in (
            ("held", "Held at the end of each month", "line"),
            ("released", "Released to students", "bar"),
            ("fees", "Fees earned", "bar"),
            ("refunded", "Refunded to payers", "bar"),
            ("stripe", "Stripe's fees", "bar"),
            ("net", "What is left of the fees", "bar"),
        )
    ]


@require_safe
def balance_sheet(request):
    """The trial balance: every kind of account, and the proof that the whole book sums to zero."""
    return _page(
        request,
        "trial",
        "Trial balance",
        {"positions": reports.positions(), "sums": sorted(reports.summed_up().items())},
    )


@require_safe
def reconciliation(request):
    """The last comparisons with Stripe, and each difference with its cause, its age and what to do."""
    page = Paginator(Reconciliation.objects.all(), 20).get_page(request.GET.get("page"))
    last = Reconciliation.objects.first()
    return _page(
        request,
        "reconciliation",
        "Reconciliation with Stripe",
        {"page": page, "last": last, "differences": reports.differences(last)},
    )


@require_POST
def reconcile_now(request):
    try:
        found = reconcile.run()
    except gateway.StripeTrouble as error:
        messages.error(request, f"Stripe could not be read: {error}")
    else:
        n = len(found.differences)
        messages.success(request, "The books and Stripe agree." if not n else f"{n} differences, below.")
    return redirect("admin:money_reconciliation")


@require_safe
def ledger(request):
    """The way into the ledger: find what something did to the books, or open an account."""
    text = request.GET.get("q", "").strip()[:120].replace("\x00", "")
    hold = _find(text) if text else None
    if hold:
        return redirect("admin:money_postings", hold.public_id)
    accounts = LedgerAccount.objects.order_by("code")
    accounts = accounts.filter(code__startswith=text) if text else accounts.filter(guarded=False)
    page = Paginator(accounts, PER_PAGE).get_page(request.GET.get("page"))
    for account in page:
        account.words = words.account(account.code)
    return _page(request, "ledger", "The ledger", {"page": page, "q": text, "work": _work_of(text)})


def _work_of(text: str) -> list[tuple[Hold, naming.About]]:
    """The newest work of whoever is called `text`: a person's address or name, an organisation's name."""
    if len(text) < 3:
        return []
    holds = Hold.objects.filter(ref__in=naming.refs_of(text, PER_PAGE))
    called = naming.about(holds)
    return [(hold, called[hold.ref]) for hold in holds]


def _find(text: str) -> Hold | None:
    """The hold that `text` names: by public id, ref, or the uuid or Stripe id of something that belongs to it."""
    found = (
        Hold.objects.filter(public_id=text).first()
        or Hold.objects.filter(ref__in=(text, f"engagement:{text}")).first()
    )
    if found:
        return found
    known = _uuid(text.rpartition(":")[2])
    for model, where in ((Hold, "pk"), (Part, "hold"), (Release, "part__hold"), (Dispute, "hold")):
        pk = model.objects.filter(uuid=known).values_list(where, flat=True).first() if known else None
        if pk:
            return Hold.objects.get(pk=pk)
    return (
        Hold.objects.filter(parts__releases__transfer_id=text).first()
        or Hold.objects.filter(fundings__charge_id=text).first()
        or Hold.objects.filter(refunds__refund_id=text).first()
    )


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


@require_safe
def postings(request, public_id):
    """Everything that one hold did to the books, posting by posting."""
    hold = get_object_or_404(Hold, public_id=public_id)
    causes = set(entries.causes_of([hold]))
    about = naming.about([hold])[hold.ref]
    return _page(
        request,
        "postings",
        about.title,
        {"hold": hold, "about": about, "postings": journal.postings(causes), "figures": hold.figures()},
    )


@require_safe
def account(request, pk):
    """One account: its entries, newest first, with the balance after each."""
    found = get_object_or_404(LedgerAccount, pk=pk)
    before = request.GET.get("before", "")
    rows, more = journal.account_page(
        found, int(before) if before.isascii() and before.isdigit() and len(before) < 18 else None
    )
    return _page(
        request,
        "account",
        words.account(found.code),
        {"account": found, "rows": rows, "more": more, "paged": bool(before)},
    )


@require_safe
def export(request):
    """Every entry of a range of days as a file; without one, the form that asks for it."""
    first, last = request.GET.get("first", ""), request.GET.get("last", "")
    today = entries.today()
    errors, days = {}, None
    if first or last:
        try:
            days = journal.chosen_days(first, last)
        except Invalid as error:
            errors = error.message_dict
    if days:
        return sheets.download(_entries(*days), f"ledger-{days[0]}-{days[1]}.csv")
    asked = bool(errors)
    context = {
        "fields": (
            ("first", "First day", first if asked else today.replace(day=1).isoformat()),
            ("last", "Last day", last if asked else today.isoformat()),
        ),
        "errors": errors,
        "longest": journal.LONGEST,
        "years": _years(today),
    }
    return _page(request, "export", "For the accountant", context, 422 if errors else 200)


def _years(today: date) -> range:
    return range(today.year, today.year - 8, -1)


def _entries(first: date, last: date):
    yield [
        "Date",
        "Transaction",
        "What",
        "Key",
        "Cause",
        "Account",
        "Account in words",
        "Debit",
        "Credit",
        "Currency",
        "Note",
    ]
    zone, sums = entries.zone(), {}
    for at, pk, kind, key, ref, code, amount, currency, note in journal.entries_of_days(first, last):
        debit, credit = max(amount, 0), max(-amount, 0)
        one = sums.setdefault(currency, [0, 0])
        one[0] += debit
        one[1] += credit
        yield [
            at.astimezone(zone).date().isoformat(),
            pk,
            words.kind(kind),
            key,
            ref,
            code,
            words.account(code),
            sheets.amount(debit, currency) if debit else "",
            sheets.amount(credit, currency) if credit else "",
            currency,
            note,
        ]
    for currency, (debit, credit) in sorted(sums.items()):
        yield [
            "Total",
            "",
            "",
            "",
            "",
            "",
            "",
            sheets.amount(debit, currency),
            sheets.amount(credit, currency),
            currency,
            "",
        ]


def _year(request) -> int:
    text, this = request.GET.get("year", ""), entries.today().year
    if not text:
        return this
    if not (text.isascii() and text.isdigit() and 2000 <= int(text) <= this):
        raise Http404
    return int(text)


@require_safe
def payees(request):
    """Who was paid how much in a year, and who reached the threshold of the tax form."""
    year, rules = _year(request), policy.current()
    page = Paginator(journal.payees_of(year), PER_PAGE).get_page(request.GET.get("page"))
    page.object_list = journal.with_people(page.object_list)
    for row in page.object_list:
        row["reached"] = _reached(row, rules)
    return _page(
        request,
        "payees",
        f"Paid in {year}",
        {
            "year": year,
            "years": _years(entries.today()),
            "page": page,
            "rules": rules,
        },
    )


def _reached(row: dict, rules) -> bool:
    threshold = rules.tax_threshold_cents
    return bool(threshold) and row["currency"] == THRESHOLD_CURRENCY and row["gross"] >= threshold


@require_safe
def payees_sheet(request):
    year, rules = _year(request), policy.current()
    return sheets.download(_payees(year, rules), f"paid-in-{year}.csv")


def _payees(year: int, rules):
    yield ["Party", "Name", "E-mail", "Currency", "Gross", "Platform fee", "Net", "Threshold reached"]
    rows = journal.payees_of(year)
    for start in range(0, rows.count(), 500):
        for row in journal.with_people(rows[start : start + 500]):
            amounts = (sheets.amount(row[name], row["currency"]) for name in ("gross", "fee", "net"))
            yield [
                row["party"],
                row["name"],
                row["email"],
                row["currency"],
                *amounts,
                "yes" if _reached(row, rules) else "no",
            ]


def urls(view) -> list:
    """The addresses under `admin/money/`; `view` wraps each in the admin's own check of who looks."""
    pages = (
        ("", overview, "money"),
        ("trial-balance/", balance_sheet, "money_trial"),
        ("reconciliation/", reconciliation, "money_reconciliation"),
        ("reconciliation/now/", reconcile_now, "money_reconcile"),
        ("ledger/", ledger, "money_ledger"),
        ("ledger/<str:public_id>/", postings, "money_postings"),
        ("accounts/<int:pk>/", account, "money_account"),
        ("export/", export, "money_export"),
        ("payees/", payees, "money_payees"),
        ("payees/csv/", payees_sheet, "money_payees_sheet"),
    )
    return [path(f"money/{address}", view(page), name=name) for address, page, name in pages]
