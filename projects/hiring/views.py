"""The pages of hiring: making and answering an offer, the agreement, and securing the funds."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.employers.queries import owners
from marketplace.ground.errors import Invalid, NotAllowed, WrongMoment
from payments.holds import actions as holds
from projects.applying import queries as applications
from projects.applying.forms import refill
from projects.posting import queries as postings
from projects.sponsoring import actions as sponsoring

from . import actions, agreement, queries
from .forms import DeclineOfferForm, OfferForm, RepeatForm
from .models import Engagement, Offer


# --- the employer makes an offer -------------------------------------------------------------------------
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def offer(request, public_id: str):
    """First the dates, then the whole agreement to read, then the offer: three presses, nothing kept in between."""
    application = get_object_or_404(applications.for_employer(request.user), public_id=public_id)
    start_on, due_on = queries.suggested_dates(application.project)
    form = OfferForm(request.POST or None, initial={"start_on": start_on, "due_on": due_on})
    text = ""
    if request.method == "POST" and form.is_valid():
        try:
            if "confirm" in request.POST:
                made = actions.make_offer(by=request.user, application=application, **form.cleaned_data)
                messages.success(request, f"Offer sent to {application.student.name}.")
                return redirect("hiring:answer", made.public_id)
            text = _preview(request.user, application, form)
        except Invalid as error:
            refill(form, error)
    return _show_offer_form(request, application, form, text)


@login_required
@require_POST
def ask(request, public_id: str):
    """Ask a moderator for one more project with the same student."""
    application = get_object_or_404(applications.for_employer(request.user), public_id=public_id)
    form = RepeatForm(request.POST)
    if form.is_valid():
        actions.ask_moderator(by=request.user, application=application, why=form.cleaned_data["why"])
        messages.success(request, "A moderator looks at it and writes to you.")
        return redirect("hiring:offer", application.public_id)
    return _show_offer_form(request, application, OfferForm(), repeat=form)


def _show_offer_form(request, application, form, text: str = "", repeat=None):
    acts = queries.allowed_actions(request.user, application)
    if "make_offer" not in acts:
        raise NotAllowed("Only people of the organisation that posted this can make an offer.")
    return render(
        request,
        "projects/hiring/offer.html",
        {
            "application": application,
            "project": application.project,
            "form": form,
            "reason": acts["make_offer"],
            "face": applications.face(application),
            "text": text,
            "net": postings.net(application.project),
            "fee": postings.fee(application.project),
            "delay": postings.release_delay_days(application.project),
            **_sponsor(application),
            "repeat": (repeat or RepeatForm()) if acts["ask_moderator"] is None else None,
        },
        status=422 if form.errors or (repeat and repeat.errors) else 200,
    )


def _sponsor(application) -> dict:
    """What a sponsor would pay for this applicant, and what that leaves to the employer."""
    project = application.project
    quote = sponsoring.quote(project, application.student)
    if quote is None:
        return {}
    rows = [(price - fee, fee) for _, price, fee in postings.shares(project)]
    rows = [{"net": net, "fee": fee} for net, fee in rows or [(postings.net(project), postings.fee(project))]]
    found = agreement.sponsor_for(project, application.student, rows)
    return {"quote": quote, "terms_sponsor": found.get("sponsor")}


def _preview(user, application, form) -> str:
    """The agreement as this offer would write it."""
    if queries.membership_of(user, application.project.organisation_id) is None:
        raise NotAllowed("Only people of the organisation that posted this can make an offer.")
    dates = {name: form.cleaned_data[name] for name in ("start_on", "due_on")}
    if wrong := queries.date_problems(application.project, **dates):
        raise Invalid(wrong)
    return agreement.text_of(
        agreement.terms_for(
            project=application.project,
            student=application.student,
            made_by=user,
            number="to be given",
            **dates,
        )
    )


# --- the student answers ---------------------------------------------------------------------------------
def _offer_for(user, public_id: str) -> Offer:
    return get_object_or_404(queries.offers_visible_to(user), public_id=public_id)


@login_required
@require_safe
def answer(request, public_id: str):
    """The offer with the whole agreement: the student answers here, the employer sees how it stands."""
    return _show_offer(request, _offer_for(request.user, public_id), DeclineOfferForm())


def _show_offer(request, thing: Offer, form):
    student = thing.application.student_id == request.user.pk
    engagement = Engagement.objects.filter(offer=thing).first()
    return render(
        request,
        "projects/hiring/answer.html",
        {
            "offer": thing,
            "project": thing.project,
            "application": thing.application,
            "form": form,
            "is_student": student,
            "acts": queries.allowed_actions(request.user, thing),
            "engagement": engagement,
            "capacity": queries.capacity_for(thing) if student and thing.state == "open" else None,
            "money": thing.terms["money"],
            "hours": thing.terms["scope"]["hours"],
        },
        status=422 if form.errors else 200,
    )


@login_required
@require_POST
def accept(request, public_id: str):
    thing = _offer_for(request.user, public_id)
    if "read" not in request.POST:
        messages.warning(request, "Tick that you have read the agreement, then accept.")
        return redirect("hiring:answer", thing.public_id)
    try:
        engagement = actions.accept_offer(by=request.user, offer=thing)
    except WrongMoment:
        engagement = Engagement.objects.filter(offer=thing, student=request.user).first()
        if engagement is None:
            raise
        return redirect("hiring:agreement", engagement.public_id)  # the second of two clicks
    messages.success(
        request,
        f"You have accepted. {engagement.organisation.name} secures the funds now; "
        "we tell you when you can start.",
    )
    return redirect("hiring:agreement", engagement.public_id)


@login_required
@require_POST
def decline(request, public_id: str):
    thing = _offer_for(request.user, public_id)
    form = DeclineOfferForm(request.POST)
    if not form.is_valid():
        return _show_offer(request, thing, form)
    actions.decline_offer(by=request.user, offer=thing, note=form.cleaned_data["note"])
    messages.info(request, f"{thing.project.organisation.name} has your answer.")
    return redirect("applying:detail", thing.application.public_id)


@login_required
@require_POST
def hold(request, public_id: str):
    thing = actions.hold_offer(by=request.user, offer=_offer_for(request.user, public_id))
    messages.info(request, "The offer waits for your school. Nobody but you sees why.")
    return redirect("hiring:answer", thing.public_id)


@login_required
@require_POST
def withdraw(request, public_id: str):
    thing = _offer_for(request.user, public_id)
    actions.withdraw_offer(by=request.user, offer=thing)
    messages.info(request, f"Offer withdrawn. {thing.application.student.name} stays on the shortlist.")
    return redirect("applying:board", thing.project.public_id)


# --- the agreement and the money -------------------------------------------------------------------------
@login_required
@require_safe
def show_agreement(request, public_id: str):
    """The frozen text with both names beside it, on screen and on paper."""
    engagement = queries.engagement_for(request.user, public_id)
    signed = engagement.agreement
    return render(
        request,
        "projects/hiring/agreement.html",
        {
            "engagement": engagement,
            "agreement": signed,
            "side": queries.side_of(request.user, engagement),
            "signed_by": signed.employer_accepted_by,
            "acts": queries.allowed_actions(request.user, engagement),
        },
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def fund(request, public_id: str):
    """What is to be paid and what happens with it; the button leads to Stripe's page."""
    engagement = queries.engagement_for(request.user, public_id)
    if queries.side_of(request.user, engagement) == "student":
        raise NotAllowed("Only the employer pays for this.")
    if request.method == "POST":
        back_to = request.build_absolute_uri(reverse("hiring:funding-return", args=[engagement.public_id]))
        here = request.build_absolute_uri(reverse("hiring:fund", args=[engagement.public_id]))
        funding = actions.start_funding(
            by=request.user, engagement=engagement, success_url=back_to, cancel_url=f"{here}?cancelled=1"
        )
        return redirect(holds.funding_url(funding))
    refusal = queries.refusal_to_fund(request.user, engagement)
    return render(
        request,
        "projects/hiring/fund.html",
        {
            "engagement": engagement,
            "milestones": list(engagement.milestones.all()),
            "reason": refusal.reason if refusal else "",
            "cancelled": "cancelled" in request.GET,
            "owners": list(owners(engagement.organisation)[:3]) if isinstance(refusal, NotAllowed) else [],
            "failure": _failure(engagement),
        },
    )


def _failure(engagement: Engagement) -> str:
    """What went wrong with the latest payment, if nothing has been paid or opened since."""
    latest = engagement.hold.fundings.order_by("-id").first() if engagement.hold else None
    return latest.failure if latest and latest.state == "failed" else ""


@login_required
@require_safe
def funding_return(request, public_id: str):
    """Where people come back to from Stripe: it only asks how things stand, and says "checking" until that is known."""
    engagement = queries.engagement_for(request.user, public_id)
    if queries.side_of(request.user, engagement) == "student":
        raise NotAllowed("Only the employer pays for this.")
    if engagement.state == "awaiting_funds":
        holds.refresh_funding(engagement.hold)
        engagement.refresh_from_db()
    fragment = request.htmx and request.htmx.target == "funds"
    template = "projects/hiring/_checking.html" if fragment else "projects/hiring/funding_return.html"
    return render(
        request,
        template,
        {"engagement": engagement, "failure": _failure(engagement), "outcome": _outcome(engagement)},
    )


def _outcome(engagement: Engagement) -> str:
    """`secured`, `coming`, `failed`, `ended` or `checking`."""
    if engagement.state == "cancelled":
        return "ended"
    if engagement.state != "awaiting_funds":
        return "secured"
    if engagement.funds_coming_at:
        return "coming"
    return "failed" if _failure(engagement) else "checking"
