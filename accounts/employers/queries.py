"""Reads about employers: whose organisation, which one now, who belongs to it, what they may do there."""

from allauth.account.models import EmailAddress
from django.contrib.auth import get_user_model

from marketplace.ground import clock

from .models import MemberInvite, Membership, Organisation, Proof
from .states import InviteState, ProofState

Role = Membership.Role
PROOFS_WANTED = 2
SESSION_KEY = "organisation"
NOT_A_MEMBER = "You do not belong to this organisation."
OWNERS_ONLY = "Only an owner can do this."
LAST_OWNER = "You are the last owner. Make somebody else an owner first."
SUSPENDED = "This organisation is suspended. Write to us if you think that is a mistake."


def visible_to(user):
    """The organisations whose inside pages `user` may open: their own; a moderator sees all."""
    if not user.is_authenticated:
        return Organisation.objects.none()
    return (
        Organisation.objects.all() if user.is_staff else Organisation.objects.filter(memberships__user=user)
    )


def organisations_of(user):
    """The organisations that `user` acts for, the one joined first at the top."""
    if not user.is_authenticated:
        return Organisation.objects.none()
    return Organisation.objects.filter(memberships__user=user).order_by("memberships__joined_at", "pk")


def membership(user, organisation) -> Membership | None:
    if not user.is_authenticated or organisation is None:
        return None
    return Membership.objects.filter(user=user, organisation=organisation).first()


def members(organisation):
    """The people who act for an organisation (a queryset of users that can still sign in)."""
    return (
        get_user_model()
        .objects.filter(memberships__organisation=organisation, is_active=True)
        .order_by("memberships__joined_at", "pk")
    )


def owners(organisation):
    return (
        members(organisation)
        .filter(memberships__organisation=organisation, memberships__role=Role.OWNER)
        .distinct()
    )


def memberships(organisation):
    """For the members' page: owners first, then by name."""
    return organisation.memberships.select_related("user").order_by("-role", "user__name", "pk")


def open_invites(organisation):
    return (
        organisation.invites.filter(state=InviteState.OPEN, expires_at__gt=clock.now())
        .select_related("invited_by")
        .order_by("-created_at")
    )


def invite_by_token(token: str) -> MemberInvite | None:
    """The invitation behind a link, in whatever state. Whoever holds the link may see what it offers."""
    return MemberInvite.objects.select_related("organisation", "invited_by").filter(token=token).first()


def current(request) -> Organisation | None:
    """The organisation that the person acts for in this session: the one they switched to, else the first.

    Checked against the memberships each time, so somebody who was removed has lost it.
    """
    cached = getattr(request, "_current_organisation", False)
    if cached is not False:
        return cached
    mine = list(organisations_of(request.user)[:50])
    chosen = request.session.get(SESSION_KEY) if mine else None
    request._current_organisation = next(
        (o for o in mine if o.public_id == chosen), mine[0] if mine else None
    )
    return request._current_organisation


def is_verified(organisation) -> bool:
    return organisation.verified_at is not None


def proofs_of(organisation) -> dict[str, Proof]:
    return {proof.kind: proof for proof in organisation.proofs.all()}


def accepted_proofs(organisation) -> int:
    return organisation.proofs.filter(state=ProofState.ACCEPTED).count()


def confirmed_addresses(user) -> list[str]:
    """The addresses that somebody has shown to be theirs."""
    return list(
        EmailAddress.objects.filter(user=user, verified=True)
        .order_by("-primary")
        .values_list("email", flat=True)
    )


def allowed_actions(user, organisation) -> dict[str, str | None]:
    """Each act on `organisation` with None, or with the sentence that says why not (now)."""
    mine = membership(user, organisation)
    member = None if mine else NOT_A_MEMBER
    acting = member or (SUSPENDED if organisation.suspended_at else None)
    owner = acting or (None if mine.role == Role.OWNER else OWNERS_ONLY)
    moderator = None if user.is_staff else "Only a moderator can do this."
    return {
        "edit": acting,
        "invite_manager": acting,
        "invite_owner": owner,
        "withdraw_invite": acting,
        "submit_proof": acting,
        "set_role": owner,
        "remove_member": owner,
        "leave": member or (LAST_OWNER if _is_last_owner(mine) else None),
        "decide_proof": moderator,
        "suspend": moderator,
    }


def allowed_on_member(user, other: Membership) -> dict[str, str | None]:
    """What `user` may do with one membership of an organisation: `remove`, `make_owner`, `make_manager`."""
    acts = allowed_actions(user, other.organisation)
    if user.pk == other.user_id:
        own = "Leave the organisation instead."
        return {
            "remove": own,
            "make_owner": "You are an owner." if other.role == Role.OWNER else OWNERS_ONLY,
            "make_manager": acts["set_role"] or (LAST_OWNER if _is_last_owner(other) else None),
        }
    return {
        "remove": acts["remove_member"],
        "make_owner": acts["set_role"] or ("This person is an owner." if other.role == Role.OWNER else None),
        "make_manager": acts["set_role"]
        or ("This person is a manager." if other.role == Role.MANAGER else None),
    }


def _is_last_owner(mine: Membership | None) -> bool:
    """Whether nobody else who can sign in owns the organisation."""
    return (
        mine is not None
        and mine.role == Role.OWNER
        and not Membership.objects.filter(
            organisation_id=mine.organisation_id, role=Role.OWNER, user__is_active=True
        )
        .exclude(pk=mine.pk)
        .exists()
    )
