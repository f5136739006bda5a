"""Reviewing each other, the public records of both sides, and the record of a completed engagement."""

from datetime import date

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.students.queries import skills_of
from marketplace.ground.errors import Invalid
from projects.posting.queries import net
from projects.working.forms import add_errors
from projects.working.queries import side_of
from projects.working.queries import visible_to as engagements_visible_to

from . import actions, figures, queries
from .forms import ReviewForm

PER_PAGE = 20


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def review(request, public_id):
    engagement = get_object_or_404(engagements_visible_to(request.user), public_id=public_id)
    form = ReviewForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            written = actions.write_review(by=request.user, engagement=engagement, **form.cleaned_data)
        except Invalid as error:
            add_errors(form, error)
        else:
            messages.success(
                request,
                "Both reviews are in, so you can read each other's now."
                if written.public_at
                else "Kept. It is shown when the other side has written too, or when the time is over.",
            )
            return redirect("reviewing:review", engagement.public_id)
    seen = queries.visible_to(request.user).filter(engagement=engagement)
    side = side_of(request.user, engagement)
    return render(
        request,
        "projects/reviewing/review.html",
        {
            "engagement": engagement,
            "side": side,
            "form": form,
            "acts": queries.allowed_actions(request.user, engagement),
            "reviews": list(seen),
            "other": engagement.organisation.name if side == "student" else engagement.student.name,
        },
        status=422 if form.errors else 200,
    )


@require_safe
def record(request, public_id):
    """The completion record: anybody with the address, at an address that stays."""
    credential = get_object_or_404(queries.records(), public_id=public_id)
    claims = credential.claims
    response = render(
        request,
        "projects/reviewing/record.html",
        {
            "credential": credential,
            "claims": claims,
            "acts": queries.allowed_on_record(request.user, credential),
            "started": date.fromisoformat(claims["started_on"]),
            "ended": date.fromisoformat(claims["ended_on"]),
            "address": request.build_absolute_uri(request.path),
            "words": _words_of_the_employer(credential),
        },
        status=410 if credential.revoked_at else 200,
    )
    response["X-Robots-Tag"] = "noindex"
    return response


def _words_of_the_employer(credential):
    """The employer's public review, when the record may name the employer."""
    if not credential.claims["organisation"]:
        return None
    return (
        queries.reviews_of_student(credential.student)
        .filter(engagement=credential.engagement_id)
        .exclude(text="")
        .first()
    )


@login_required
@require_POST
def show(request, public_id):
    credential = get_object_or_404(queries.records(), public_id=public_id)
    shown = request.POST.get("show") == "yes"
    actions.show_in_portfolio(by=request.user, credential=credential, show=shown)
    messages.success(
        request, "It stands on your portfolio page." if shown else "It is off your portfolio page."
    )
    return redirect("reviewing:record", credential.public_id)


@require_safe
def employer(request, public_id):
    organisation = get_object_or_404(queries.employers_shown(), public_id=public_id)
    page = Paginator(queries.reviews_of_employer(organisation), PER_PAGE).get_page(request.GET.get("page"))
    record_ = queries.employer_record(organisation)
    shown = figures.of_employer(record_)
    return render(
        request,
        "projects/reviewing/employer.html",
        {
            "organisation": organisation,
            "record": record_,
            "page": page,
            "figures": shown,
            "missing": len(shown) < figures.EMPLOYER,
            "cards": [
                {"project": p, "net": net(p), "url": reverse("search:project", args=[p.public_id])}
                for p in queries.open_projects(organisation)
            ],
        },
    )


@require_safe
def student(request, public_id):
    profile = queries.portfolio_for(request.user, public_id)
    if profile is None:
        raise Http404
    own = request.user.pk == profile.user_id
    page = Paginator(queries.records_of(profile.user), PER_PAGE).get_page(request.GET.get("page"))
    record_ = queries.student_record(profile.user)
    return render(
        request,
        "projects/reviewing/student.html",
        {
            "profile": profile,
            "person": profile.user,
            "own": own,
            "skills": skills_of(profile),
            "record": record_,
            "figures": figures.of_student(record_),
            "page": page,
            "reviews": queries.reviews_of_student(profile.user)[:PER_PAGE],
        },
    )
