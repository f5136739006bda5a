"""A sponsor's desk: the wallet, its money, and the programmes."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.employers.models import Membership, Organisation
from accounts.schools.queries import schools_of
from marketplace.ground import clock, once, sheets
from marketplace.ground.errors import Invalid, NotAllowed
from marketplace.ground.fields import as_typed
from marketplace.ground.money import show
from payments.books import words
from payments.disputes.queries import of_wallet
from payments.wallets import actions as money
from payments.wallets import queries as wallets

from . import actions, figures, notices, queries
from .forms import LowMarkForm, PayBackForm, ProgrammeForm, TopUpForm
from .models import Programme

PAGE = 20


def _refill(form, error: Invalid) -> None:
    """Put what an action found beside the fields of `form`."""
    for field, found in error.message_dict.items():
        for message in found:
            form.add_error(field if field in form.fields else None, message)


def _said(kind: str) -> str:
    return figures.SAID.get(kind) or words.kind(kind)


def _wallet(request, public_id: str):
    return get_object_or_404(wallets.visible_to(request.user), public_id=public_id)


def _may(request, wallet, act: str) -> None:
    if act not in wallets.allowed_actions(request.user, wallet):
        raise NotAllowed("Only the sponsor's own people do this.")


# --- the way in -------------------------------------------------------------------------------------------
@login_required
@require_safe
def mine(request):
    """One's wallet, or the way to open one."""
    rows = list(wallets.coordinated_by(request.user)[:PAGE])
    owned = Membership.objects.filter(user=request.user, role=Membership.Role.OWNER).values("organisation")
    schools = schools_of(request.user).filter(wallets=None)
    funds = Organisation.objects.filter(pk__in=owned, wallets=None, verified_at__isnull=False)
    if len(rows) == 1 and not schools.exists():
        return redirect("sponsoring:wallet", rows[0].public_id)
    return render(
        request,
        "projects/sponsoring/mine.html",
        {"wallets": rows, "schools": schools[:PAGE], "organisations": funds[:PAGE]},
    )


@login_required
@require_POST
def open_wallet(request):
    key = request.POST.get("sponsor", "")
    school = schools_of(request.user).filter(public_id=key).first()
    mine = Organisation.objects.filter(memberships__user=request.user)
    organisation = None if school else get_object_or_404(mine, public_id=key)
    wallet = money.open_wallet(by=request.user, school=school, organisation=organisation)
    return redirect("sponsoring:wallet", wallet.public_id)


@login_required
@require_safe
def wallet(request, public_id: str):
    """What is there, how fast it goes, what waits for an answer."""
    row = _wallet(request, public_id)
    found = figures.figures_of(row)
    waiting = queries.requests(row)
    return render(
        request,
        "projects/sponsoring/wallet.html",
        {
            "wallet": row,
            "found": found,
            "points": figures.burn_down(row, timezone.localdate(clock.now())),
            "forecast": figures.forecast(row, found.free),
            "lines": queries.programme_lines(row),
            "waiting": waiting[:5],
            "waiting_count": waiting.count(),
            "acts": wallets.allowed_actions(request.user, row),
            "questioned": _questioned(row),
        },
    )


def _questioned(row) -> list:
    """The payments that banks question or have questioned, each with what it means."""
    found = list(of_wallet(row)[:PAGE])
    for dispute in found:
        dispute.title, dispute.words = notices.said_of(dispute)
    return found


# --- money ------------------------------------------------------------------------------------------------
@login_required
@require_safe
def money_page(request, public_id: str):
    row = _wallet(request, public_id)
    if "returned" in request.GET:  # coming back proves nothing: Stripe is asked
        money.refresh_lots(row)
    return _money(request, row)


def _money(request, row, **forms):
    wrong = any(form.errors for form in forms.values())
    movements = Paginator(wallets.movements(row), PAGE).get_page(request.GET.get("page"))
    for entry in movements:
        entry.words = _said(entry.transaction.kind)
        entry.moved = -entry.amount
    return render(
        request,
        "projects/sponsoring/money.html",
        {
            "wallet": row,
            "free": queries.free(row),
            "coming": wallets.on_their_way(row)[:PAGE],
            "paybacks": wallets.paybacks(row)[:PAGE],
            "page": movements,
            "acts": wallets.allowed_actions(request.user, row),
            "top_up": forms.get("top_up") or TopUpForm(),
            "pay_back": forms.get("pay_back") or PayBackForm(),
            "mark": forms.get("mark") or LowMarkForm(initial={"low_at": as_typed(row.low_at, row.currency)}),
        },
        status=422 if wrong else 200,
    )


@login_required
@require_POST
def top_up(request, public_id: str):
    row = _wallet(request, public_id)
    _may(request, row, "top_up")
    form = TopUpForm(request.POST)
    if form.is_valid():
        here = request.build_absolute_uri(reverse("sponsoring:money", args=[row.public_id]))
        try:
            lot = money.start_top_up(
                by=request.user,
                wallet=row,
                amount=form.cleaned_data["amount"],
                success_url=f"{here}?returned=1",
                cancel_url=here,
            )
        except Invalid as error:
            _refill(form, error)
        else:
            return redirect(money.top_up_url(lot))
    return _money(request, row, top_up=form)


@login_required
@require_POST
def close_top_up(request, public_id: str, lot_id: str):
    """The sponsor does not want to pay on this page any more."""
    row = _wallet(request, public_id)
    _may(request, row, "top_up")
    lot = get_object_or_404(row.lots.select_related("wallet"), public_id=lot_id)
    money.close_top_up(by=request.user, lot=lot)
    messages.info(
        request, f"The page for {show(lot.amount, lot.currency)} is closed. Nothing was paid on it."
    )
    return redirect("sponsoring:money", row.public_id)


@login_required
@require_POST
def pay_back(request, public_id: str):
    row = _wallet(request, public_id)
    _may(request, row, "pay_back")
    form = PayBackForm(request.POST)
    if form.is_valid():
        amount = form.cleaned_data["amount"]
        try:
            with once.only_once(request):
                actions.ask_money_back(by=request.user, wallet=row, amount=amount)
        except once.SentAlready:
            messages.info(request, "That was sent already; it is in the list below.")
            return redirect("sponsoring:money", row.public_id)
        except Invalid as error:
            _refill(form, error)
        else:
            messages.info(request, f"{show(amount, row.currency)} is on its way back to you.")
            return redirect("sponsoring:money", row.public_id)
    return _money(request, row, pay_back=form)


@login_required
@require_POST
def low_mark(request, public_id: str):
    row = _wallet(request, public_id)
    _may(request, row, "edit")
    form = LowMarkForm(request.POST)
    if form.is_valid():
        money.set_low_mark(by=request.user, wallet=row, amount=form.cleaned_data["low_at"])
        messages.info(request, "Noted.")
        return redirect("sponsoring:money", row.public_id)
    return _money(request, row, mark=form)


@login_required
@require_safe
def movements(request, public_id: str):
    """Every movement of the wallet as a table for a spreadsheet."""
    row = _wallet(request, public_id)

    zone = timezone.get_current_timezone()  # the file is made when this zone is no longer set

    def rows():
        yield ["Date", "What", "For", "Amount", "Currency"]
        for entry in wallets.movements(row).order_by("id").iterator():
            found = entry.transaction
            yield [
                found.at.astimezone(zone).date().isoformat(),
                _said(found.kind),
                found.note,
                sheets.amount(-entry.amount, entry.currency),
                entry.currency,
            ]

    return sheets.download(rows(), f"wallet-{timezone.localdate(clock.now()):%Y-%m-%d}.csv")


# --- programmes -------------------------------------------------------------------------------------------
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def programme_new(request, public_id: str):
    row = _wallet(request, public_id)
    _may(request, row, "edit")
    return _programme_form(request, row, None)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def programme(request, public_id: str):
    found = _programme(request, public_id)
    _may(request, found.wallet, "edit")
    return _programme_form(request, found.wallet, found)


def _programme(request, public_id: str) -> Programme:
    return get_object_or_404(queries.programmes_visible_to(request.user), public_id=public_id)


def _programme_form(request, row, found):
    form = ProgrammeForm(request.POST if request.method == "POST" else None, wallet=row, programme=found)
    if request.method == "POST" and form.is_valid():
        try:
            actions.save_programme(by=request.user, wallet=row, data=form.data_for_action(), programme=found)
        except Invalid as error:
            _refill(form, error)
        else:
            messages.info(request, "Saved." if found else "The programme is open.")
            return redirect("sponsoring:wallet", row.public_id)
    return render(
        request,
        "projects/sponsoring/programme.html",
        {
            "wallet": row,
            "programme": found,
            "form": form,
            "acts": queries.allowed_actions(request.user, found) if found else {},
        },
        status=422 if form.errors else 200,
    )


ACTS = {
    "pause": actions.pause_programme,
    "resume": actions.resume_programme,
    "end": actions.end_programme,
}


@login_required
@require_POST
def programme_act(request, public_id: str, act: str):
    found = _programme(request, public_id)
    ACTS[act](by=request.user, programme=found)
    messages.info(request, f"{found.name}: {found.get_state_display().lower()}.")
    return redirect("sponsoring:wallet", found.wallet.public_id)
