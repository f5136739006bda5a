"""Making and changing an organisation, its logo, which one is current, and how it proves who it is."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.users.views import add_errors
from marketplace.ground.errors import Invalid
from marketplace.ground.middleware import back

from . import actions, domains, queries
from .forms import LogoForm, OrganisationForm, ProofForm
from .models import Organisation, Proof

YEAR = 365 * 24 * 3600


def own_organisation(view):
    """Hands the view the organisation behind `public_id`; one that the person may not open is a 404."""

    @login_required
    def wrapped(request, public_id, *args, **kwargs):
        organisation = get_object_or_404(queries.visible_to(request.user), public_id=public_id)
        request.acts = queries.allowed_actions(request.user, organisation)
        return view(request, organisation, *args, **kwargs)

    return wrapped


def show(request, template: str, organisation, form=None, **context):
    return render(
        request,
        f"accounts/employers/{template}.html",
        {"organisation": organisation, "form": form, "allowed": getattr(request, "acts", {}), **context},
        status=422 if form is not None and form.errors else 200,
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new(request):
    form = OrganisationForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            organisation = actions.create_organisation(by=request.user, **form.cleaned_data)
        except Invalid as error:
            add_errors(form, error)
        else:
            request.session[queries.SESSION_KEY] = organisation.public_id
            request.session.pop("wanted_role", None)
            messages.success(
                request, f"{organisation.name} is here. Next, show who you are, or start a project."
            )
            return redirect("employers:verify", organisation.public_id)
    return show(request, "new", None, form)


@login_required
@require_safe
def mine(request):
    """The way to one's organisation from menus: the one that is current, or the form that makes the first."""
    organisation = queries.current(request)
    return (
        redirect("employers:organisation", organisation.public_id)
        if organisation
        else redirect("employers:new")
    )


@own_organisation
@require_http_methods(["GET", "HEAD", "POST"])
def organisation_page(request, organisation):
    fields = ("name", "website", "about", "sector", "size", "place")
    form = OrganisationForm(
        request.POST if request.method == "POST" else None,
        initial={field: getattr(organisation, field) for field in fields},
    )
    if request.method == "POST" and form.is_valid():
        try:
            actions.update_organisation(by=request.user, organisation=organisation, **form.cleaned_data)
        except Invalid as error:
            add_errors(form, error)
        else:
            messages.success(request, "Saved.")
            return redirect("employers:organisation", organisation.public_id)
    others = queries.organisations_of(request.user).exclude(pk=organisation.pk)[:50]
    return show(
        request,
        "organisation",
        organisation,
        form,
        logo_form=LogoForm(),
        page="organisation",
        others=list(others),
        is_current=organisation == queries.current(request),
    )


@own_organisation
@require_http_methods(["GET", "HEAD", "POST"])
def logo(request, organisation):
    if request.method != "POST":
        return redirect("employers:organisation", organisation.public_id)
    form = LogoForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            actions.set_logo(by=request.user, organisation=organisation, upload=form.cleaned_data["logo"])
        except Invalid as error:
            add_errors(form, error)
        else:
            messages.success(request, "The logo is here.")
            return redirect("employers:organisation", organisation.public_id)
    fields = ("name", "website", "about", "sector", "size", "place")
    about = OrganisationForm(initial={field: getattr(organisation, field) for field in fields})
    return render(
        request,
        "accounts/employers/organisation.html",
        {
            "organisation": organisation,
            "form": about,
            "logo_form": form,
            "allowed": request.acts,
            "page": "organisation",
        },
        status=422,
    )


@own_organisation
@require_POST
def remove_logo(request, organisation):
    actions.remove_logo(by=request.user, organisation=organisation)
    return redirect("employers:organisation", organisation.public_id)


@require_safe
@cache_control(public=True, max_age=YEAR, immutable=True)
def logo_file(request, public_id, name):
    """The picture itself, for everybody. Its address changes with it, so it may be kept for a year."""
    organisation = get_object_or_404(Organisation, public_id=public_id)
    if not organisation.logo or organisation.logo.name != f"logos/{name}.webp":
        raise Http404
    try:
        response = FileResponse(organisation.logo.open("rb"), content_type="image/webp")
    except FileNotFoundError:
        raise Http404 from None
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


@login_required
@require_POST
def switch(request):
    """Act for another of one's organisations from now on."""
    organisation = get_object_or_404(
        queries.organisations_of(request.user), public_id=request.POST.get("organisation", "")
    )
    request.session[queries.SESSION_KEY] = organisation.public_id
    return back(request, reverse("home"))


@own_organisation
@require_http_methods(["GET", "HEAD", "POST"])
def verify(request, organisation):
    form = ProofForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            proof = actions.submit_proof(by=request.user, organisation=organisation, **form.cleaned_data)
        except Invalid as error:
            add_errors(form, error)
        else:
            messages.success(
                request, "Accepted." if proof.state == "accepted" else "A moderator will look at it."
            )
            return redirect("employers:verify", organisation.public_id)
    addresses = queries.confirmed_addresses(request.user)
    email = next(
        (a for a in addresses if domains.proves(a, organisation.website)), addresses[0] if addresses else ""
    )
    return show(
        request,
        "verify",
        organisation,
        form,
        page="verify",
        email=email,
        proofs=queries.proofs_of(organisation),
        accepted=queries.accepted_proofs(organisation),
        wanted=queries.PROOFS_WANTED,
        kinds=Proof.Kind,
        why_not=""
        if not email or domains.proves(email, organisation.website)
        else domains.why_not(email, organisation.website),
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def vouch(request, public_id):
    """School staff vouch for an employer here; the employer sends them this address."""
    if not request.user.school_posts.exists():
        raise Http404
    organisation = get_object_or_404(Organisation, public_id=public_id)
    if request.method == "POST":
        actions.vouch(by=request.user, organisation=organisation)
        messages.success(request, f"You vouch for {organisation.name}. Thank you.")
        return redirect("employers:vouch", public_id)
    return render(
        request,
        "accounts/employers/vouch.html",
        {"organisation": organisation, "vouched": queries.proofs_of(organisation).get(Proof.Kind.VOUCHED)},
    )
