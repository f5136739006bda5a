"""Who belongs to an organisation: the list, invitations, roles, leaving, and what an invitation's link opens."""

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.users.views import add_errors
from marketplace.ground import clock
from marketplace.ground.errors import Invalid, NotAllowed

from . import actions, queries
from .forms import InviteForm
from .members import mask
from .states import InviteState
from .views import own_organisation, show

PAGE_SIZE = 20  # and no more invitations than that are open at one time


@own_organisation
@require_http_methods(["GET", "HEAD", "POST"])
def members(request, organisation):
    """The list; a POST invites."""
    may_invite_owner = request.acts["invite_owner"] is None
    form = InviteForm(request.POST if request.method == "POST" else None, may_invite_owner=may_invite_owner)
    if request.method == "POST" and form.is_valid():
        try:
            invite = actions.invite_member(by=request.user, organisation=organisation, **form.cleaned_data)
        except Invalid as error:
            add_errors(form, error)
        else:
            messages.success(request, f"An invitation is on its way to {invite.email}.")
            return redirect("employers:members", organisation.public_id)
    owners = request.acts["set_role"] is None
    return show(
        request,
        "members",
        organisation,
        form,
        page="members",
        owner=owners,
        may_invite_owner=may_invite_owner,
        memberships=Paginator(queries.memberships(organisation), PAGE_SIZE).get_page(request.GET.get("page")),
        invites=list(queries.open_invites(organisation)[:PAGE_SIZE]),
    )


def _member(organisation, user_id):
    return get_object_or_404(queries.memberships(organisation), user__public_id=user_id)


@own_organisation
@require_POST
def set_role(request, organisation, user_id):
    membership = _member(organisation, user_id)
    try:
        actions.set_role(by=request.user, membership=membership, role=request.POST.get("role", ""))
    except Invalid as error:
        messages.error(request, " ".join(error.messages))
    return redirect("employers:members", organisation.public_id)


@own_organisation
@require_POST
def remove(request, organisation, user_id):
    membership = _member(organisation, user_id)
    actions.remove_member(by=request.user, membership=membership)
    messages.success(request, f"{membership.user.name} is no longer a member.")
    return redirect("employers:members", organisation.public_id)


@own_organisation
@require_POST
def withdraw(request, organisation, invite_id):
    invite = get_object_or_404(organisation.invites.select_related("organisation"), public_id=invite_id)
    actions.withdraw_invite(by=request.user, invite=invite)
    messages.success(request, "The invitation is withdrawn; its link no longer works.")
    return redirect("employers:members", organisation.public_id)


@own_organisation
@require_POST
def leave(request, organisation):
    if queries.membership(request.user, organisation) is None:  # a moderator, who reads here
        raise NotAllowed(queries.NOT_A_MEMBER)
    actions.leave(by=request.user, organisation=organisation)
    messages.success(request, f"You no longer act for {organisation.name}.")
    return redirect("users:settings")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def join(request, token):
    """What the link in an invitation opens: read it signed out, accept it signed in."""
    invite = queries.invite_by_token(token)
    if invite is None:
        raise Http404
    if request.method == "POST":
        return _accept(request, invite)
    open_now = invite.state == InviteState.OPEN and invite.expires_at > clock.now()
    fits, already = False, None
    if request.user.is_authenticated:
        fits = invite.email.lower() in (a.lower() for a in queries.confirmed_addresses(request.user))
        already = queries.membership(request.user, invite.organisation) if fits else None
    elif open_now:
        # Whoever holds this link reads that mailbox, so a new account with this address needs no code.
        get_adapter().stash_verified_email(request, invite.email)
    here = urlencode({"next": request.path})
    new = urlencode({"next": request.path, "email": invite.email, "role": "employer"})
    return render(
        request,
        "accounts/employers/join.html",
        {
            "invite": invite,
            "open_now": open_now,
            "fits": fits,
            "already": already,
            "masked": mask(invite.email),
            "sign_in": f"{reverse('account_login')}?{here}",
            "sign_up": f"{reverse('account_signup')}?{new}",
        },
    )


@login_required
def _accept(request, invite):
    membership = actions.accept_invite(by=request.user, invite=invite)
    request.session[queries.SESSION_KEY] = membership.organisation.public_id
    request.session.pop("wanted_role", None)
    messages.success(request, f"You act for {invite.organisation.name} now.")
    return redirect("home")
