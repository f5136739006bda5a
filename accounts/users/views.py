"""Choosing a role, the settings of one's account, taking one's data along, and leaving."""

from allauth.account.decorators import reauthentication_required
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout, update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marketplace.ground.errors import Invalid

from . import actions, export, limits, mfa, queries
from .forms import ChooseForm, DeleteForm, SettingsForm


def add_errors(form, error: Invalid) -> None:
    """Put what an action refused beside the fields it names; what has no field here goes above the form."""
    for field, problems in error.message_dict.items():
        for problem in problems:
            form.add_error(field if field in form.fields else None, problem)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def choose(request):
    """Somebody without a role, or with one and after the other."""
    wanted = request.GET.get("role") or request.session.get("wanted_role", "")
    form = ChooseForm(
        request.POST if request.method == "POST" else None,
        user=request.user,
        initial={"role": wanted or "student"},
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            actions.choose_role(
                by=request.user,
                role=data["role"],
                date_of_birth=data.get("date_of_birth"),
                accept_terms=data.get("terms", False),
            )
        except Invalid as error:
            add_errors(form, error)
        else:
            request.session.pop("wanted_role", None)
            return redirect("employers:new" if data["role"] == "employer" else "students:profile")
    return render(
        request,
        "accounts/users/choose.html",
        {"form": form, "roles": queries.roles(request.user)},
        status=422 if form.errors else 200,
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def settings_page(request):
    user = request.user
    form = SettingsForm(
        request.POST if request.method == "POST" else None, initial={"name": user.name, "zone": user.zone}
    )
    if request.method == "POST" and form.is_valid():
        try:
            actions.update_settings(by=user, **form.cleaned_data)
        except Invalid as error:
            add_errors(form, error)
        else:
            messages.success(request, "Saved.")
            return redirect("users:settings")
    second = set(Authenticator.objects.filter(user=user).values_list("type", flat=True))
    return render(
        request,
        "accounts/users/settings.html",
        {
            "form": form,
            "roles": queries.roles(user),
            "allowed": queries.allowed_actions(user, user),
            "organisations": list(user.memberships.select_related("organisation").order_by("joined_at")[:20]),
            "waiting_email": EmailAddress.objects.filter(user=user, verified=False).first(),
            "second": second,
            "second_required": mfa.required(user),
            "social": settings.SOCIAL_SIGN_IN,
        },
        status=422 if form.errors else 200,
    )


@login_required
@require_POST
def sign_out_everywhere(request):
    actions.sign_out_everywhere(by=request.user)
    update_session_auth_hash(request, request.user)  # the session that asked goes on
    messages.success(request, "Every other device and program is signed out.")
    return redirect("users:settings")


@login_required
@require_safe
@reauthentication_required
def export_data(request):
    """Everything we keep about the person who asks, as one JSON file."""
    if not limits.within("export", request.user.pk, 10, 3600):
        reason = "That is as often as we put this file together in an hour. Try again later."
        return render(request, "refused.html", {"reason": reason, "code": 429}, status=429)
    response = JsonResponse(
        export.everything(request.user), json_dumps_params={"indent": 2, "ensure_ascii": False}
    )
    response["Content-Disposition"] = 'attachment; filename="my-data.json"'
    response["Cache-Control"] = "private, no-store"
    return response


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@reauthentication_required
def delete(request):
    form = DeleteForm(request.POST if request.method == "POST" else None)
    refused = queries.allowed_actions(request.user, request.user)["delete"]
    if request.method == "POST" and form.is_valid():
        actions.erase_account(by=request.user)
        logout(request)
        return redirect("users:gone")
    return render(
        request,
        "accounts/users/delete.html",
        {"form": form, "refused": refused},
        status=422 if form.errors else 200,
    )


@require_safe
def gone(request) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect(reverse("home"))
    return render(request, "accounts/users/gone.html")
