"""An organisation's money on pages: invoices and credit notes, billing details, statement, costs."""

from datetime import date

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.employers import queries as employers
from accounts.users.views import add_errors
from marketplace.ground import sheets
from marketplace.ground.errors import Invalid, NotAllowed

from . import actions, entries, naming, queries, statements
from .forms import DetailsForm

PER_PAGE = 20


def insist(user, organisation, act: str) -> dict:
    """What the user may do there; raises `NotAllowed` with the reason when `act` is not among it."""
    acts = queries.allowed_actions(user, organisation)
    if acts[act]:
        raise NotAllowed(acts[act])
    return acts


def _organisation(request, public_id):
    return get_object_or_404(employers.visible_to(request.user), public_id=public_id)


def _show(request, template: str, organisation, acts, status=200, **context):
    return render(
        request,
        f"payments/books/{template}.html",
        {"organisation": organisation, "page": "billing", "acts": acts, **context},
        status=status,
    )


@login_required
@require_safe
def mine(request):
    """The way here from menus: the organisation that one acts for now, or the form that makes the first."""
    organisation = employers.current(request)
    return redirect("payments:billing", organisation.public_id) if organisation else redirect("employers:new")


@login_required
@require_safe
def overview(request, public_id):
    """Every paper of the organisation; for owners also where the money is."""
    organisation = _organisation(request, public_id)
    acts = insist(request.user, organisation, "see_documents")
    documents = Paginator(queries.documents_of(organisation), PER_PAGE).get_page(request.GET.get("page"))
    owner = acts["see_money"] is None
    return _show(
        request,
        "billing",
        organisation,
        acts,
        documents=documents,
        totals=statements.totals_of(organisation.public_id) if owner else [],
        details=queries.details_of(organisation) if owner else None,
        months=statements.months_of(organisation.public_id)[:4] if owner else [],
        cards_url=_cards_url(organisation) if owner else "",
    )


def _cards_url(organisation) -> str:
    """The page of saved cards, where there is one."""
    try:
        return reverse("payments:methods", args=[organisation.public_id])
    except NoReverseMatch:
        return ""


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def details(request, public_id):
    organisation = _organisation(request, public_id)
    acts = insist(request.user, organisation, "edit_details")
    known = queries.details_of(organisation)
    form = DetailsForm(
        request.POST if request.method == "POST" else None,
        initial=known.block() if known else {"name": organisation.name},
    )
    if request.method == "POST" and form.is_valid():
        try:
            actions.set_billing_details(by=request.user, organisation=organisation, **form.cleaned_data)
        except Invalid as error:
            add_errors(form, error)
        else:
            messages.success(request, "Saved. It stands on your invoices from now on.")
            return redirect("payments:billing", organisation.public_id)
    return _show(request, "details", organisation, acts, 422 if form.errors else 200, form=form)


@login_required
@require_safe
def document(request, public_id):
    """One invoice or credit note, to read and to print."""
    found = get_object_or_404(
        queries.documents_visible_to(request.user).select_related("hold", "corrects"), public_id=public_id
    )
    return render(
        request,
        "payments/books/document.html",
        {
            "document": found,
            "credit_notes": list(found.credit_notes.order_by("id")) if found.is_invoice else [],
            "work": naming.about([found.hold])[found.hold.ref],
        },
    )


def chosen_month(text: str | None) -> date:
    """`2026-11` -> its first day; this month when nothing was chosen. Raises `Invalid` beside `month`."""
    if not text:
        return entries.today().replace(day=1)
    try:
        year, _, month = text.partition("-") if text.isascii() else ("", "", "")
        found = date(int(year), int(month), 1)
    except ValueError:
        found = None
    if found is None or not 2000 <= found.year <= entries.today().year + 1:
        raise Invalid({"month": ["Write the month as year and month, for example 2026-11."]})
    return found


@login_required
@require_safe
def statement(request, public_id):
    """What was secured, released and refunded in one month, and what was held before and after."""
    organisation = _organisation(request, public_id)
    acts = insist(request.user, organisation, "see_money")
    problem, status = "", 200
    try:
        month = chosen_month(request.GET.get("month"))
    except Invalid as error:
        month, problem, status = chosen_month(None), error.message_dict["month"][0], 422
    return _show(
        request,
        "statement",
        organisation,
        acts,
        status,
        month=month,
        problem=problem,
        months=statements.months_of(organisation.public_id),
        statements=statements.statement(organisation.public_id, month),
    )


@login_required
@require_safe
def statement_sheet(request, public_id):
    organisation = _organisation(request, public_id)
    insist(request.user, organisation, "see_money")
    try:
        month = chosen_month(request.GET.get("month"))
    except Invalid as error:
        raise Http404(error.message_dict["month"][0]) from error
    found = statements.statement(organisation.public_id, month)
    return sheets.download(_sheet(found, month), f"statement-{month:%Y-%m}.csv")


def _sheet(found, month):
    yield ["Date", "What", "Project", "Currency", "Change", "Fee in it", "Secured after"]
    for one in found:
        yield _row(month, "Opening balance", "", one.currency, 0, 0, one.opening)
        for line in one.lines:
            yield _row(line.day, line.what, line.about, one.currency, line.change, line.fee, line.balance)
        yield _row(
            entries.month_end(month),
            "Closing balance",
            "",
            one.currency,
            one.closing - one.opening,
            one.fees,
            one.closing,
        )


def _row(day, what, about, currency, *amounts):
    return [day.isoformat(), what, about, currency, *(sheets.amount(value, currency) for value in amounts)]


@login_required
@require_safe
def costs(request, public_id):
    """Project by project: what was agreed, secured, released, refunded, kept as fee, and an hour of it."""
    organisation = _organisation(request, public_id)
    acts = insist(request.user, organisation, "see_money")
    rows = Paginator(statements.holds_of(organisation.public_id), PER_PAGE).get_page(request.GET.get("page"))
    return _show(request, "costs", organisation, acts, rows=rows, costs=statements.costs_of(rows.object_list))
