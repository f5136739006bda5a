"""What a student sees of their money: earnings by month and year, as a page, a file and a yearly summary."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_safe

from marketplace.ground import policy, sheets

from ..connect.queries import payee_of
from ..holds.queries import payout_banner
from . import earnings, entries, naming

PER_PAGE = 20
THRESHOLD_CURRENCY = "USD"


@login_required
@require_safe
def earned(request):
    """Everything that was earned: the year, the months, what waits and why, and each release."""
    user = request.user
    years = earnings.years_of(user)
    year = _chosen_year(request.GET.get("year"), years)
    by = "year" if request.GET.get("by") == "year" else "month"
    page = Paginator(earnings.releases_of(user, year), PER_PAGE).get_page(request.GET.get("page"))
    about = naming.about({release.part.hold for release in page})
    for release in page:
        release.about = about[release.part.hold.ref]
        release.part_title = release.about.parts.get(release.part.ref, "")
    this_year = entries.today().year
    return render(
        request,
        "payments/books/earnings.html",
        {
            "page": page,
            "years": years,
            "year": year,
            "by": by,
            "charts": [
                (currency, f"money:{currency}", [(_name(day, by), one.net) for day, one in rows])
                for currency, rows in earnings.by_period(user, by).items()
            ],
            "standing": earnings.standing(user),
            "this_year": this_year,
            "totals": earnings.in_year(user, this_year),
            "tax": tax_of(user, this_year),
            "payee": payee_of(user),
            "banner": payout_banner(user),
        },
    )


def _name(day, by: str) -> str:
    return str(day.year) if by == "year" else f"{day:%b}"


def _chosen_year(text, years: list[int]) -> int | None:
    """The year of the query, None for all of them. 404 for one in which nothing was earned: a file or a list of
    every year must not pass for that of one.
    """
    if not text:
        return None
    found = next((year for year in years if str(year) == text), None)
    if found is None:
        raise Http404("Nothing was released to you in that year.")
    return found


def tax_of(user, year: int) -> dict | None:
    """What the operator tells about tax forms: the threshold, the gross that counts, who files. None without one."""
    rules = policy.current()
    if not rules.tax_threshold_cents:
        return None
    gross = next((one.gross for one in earnings.in_year(user, year) if one.currency == THRESHOLD_CURRENCY), 0)
    return {
        "threshold": rules.tax_threshold_cents,
        "gross": gross,
        "left": max(0, rules.tax_threshold_cents - gross),
        "reached": gross >= rules.tax_threshold_cents,
        "words": rules.tax_threshold_words,
        "by": rules.tax_forms_by,
    }


@login_required
@require_safe
def earned_sheet(request):
    """Every release and what was taken back, one row each, as a file; of one year with `?year=`."""
    years = earnings.years_of(request.user)
    year = _chosen_year(request.GET.get("year"), years)
    rows = earnings.movements(request.user, year)
    name = f"earnings-{year}.csv" if year else "earnings.csv"
    return sheets.download(_sheet(rows), name)


def _sheet(rows):
    yield ["Date", "What", "Project", "Milestone", "Employer", "Currency", "Gross", "Platform fee", "Net"]
    for row in rows:
        yield [
            row.day.isoformat(),
            row.kind,
            row.project,
            row.part,
            row.payer,
            row.currency,
            *(sheets.amount(value, row.currency) for value in (row.gross, row.fee, row.net)),
        ]
    for currency in sorted({row.currency for row in rows}):
        mine = [row for row in rows if row.currency == currency]
        sums = (sum(row.gross for row in mine), sum(row.fee for row in mine), sum(row.net for row in mine))
        yield ["Total", "", "", "", "", currency, *(sheets.amount(value, currency) for value in sums)]


@login_required
@require_safe
def year_summary(request, year):
    """One calendar year on paper. A year in which nothing was released is not there."""
    if year not in earnings.years_of(request.user):
        raise Http404
    return render(
        request,
        "payments/books/year.html",
        {
            "year": year,
            "rows": earnings.movements(request.user, year),
            "totals": earnings.in_year(request.user, year),
            "tax": tax_of(request.user, year),
            "zone": policy.current().zone,
            "today": entries.today(),
        },
    )
