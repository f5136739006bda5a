"""Who acts for an organisation. Every act locks the organisation's row, so two people cannot both be last.

A manager may invite managers; owners manage members. Whoever is removed, or is an owner no more, leaves
no open invitation behind through which they could come back.
"""

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Q

from accounts.users import limits
from marketplace.ground import clock
from marketplace.ground.errors import Invalid, NotAllowed, WrongMoment
from marketplace.ground.states import move, record

from . import notices
from .models import MemberInvite, Membership, Organisation
from .queries import LAST_OWNER, SUSPENDED, allowed_actions, allowed_on_member, confirmed_addresses
from .states import InviteState

LIFE = timedelta(days=7)
Role = Membership.Role
PER_DAY, PER_ADDRESS = 30, 5
OPEN_AT_MOST = 20


def lock(organisation) -> Organisation:
    return Organisation.objects.select_for_update().get(pk=organisation.pk)


@transaction.atomic
def invite_member(*, by, organisation, email: str, role: str = Role.MANAGER) -> MemberInvite:
    """Ask somebody by e-mail to join, with a link that works for seven days and only for that address.

    Raises `NotAllowed` (a manager cannot invite an owner) and `Invalid` on `email` or `role`.
    """
    organisation = lock(organisation)
    if role not in Role.values:
        raise Invalid({"role": ["Choose manager or owner."]})
    acts = allowed_actions(by, organisation)
    if refusal := acts["invite_owner" if role == Role.OWNER else "invite_manager"]:
        raise NotAllowed(refusal)
    email = _address(email)
    _expire(organisation.invites.filter(email=email, state=InviteState.OPEN, expires_at__lte=clock.now()))
    if Membership.objects.filter(organisation=organisation, user__email__iexact=email).exists():
        raise Invalid({"email": ["This person is a member already."]})
    if organisation.invites.filter(email=email, state=InviteState.OPEN).exists():
        raise Invalid(
            {"email": ["An invitation to this address is open already. Withdraw it to send another."]}
        )
    if organisation.invites.filter(state=InviteState.OPEN).count() >= OPEN_AT_MOST:
        raise Invalid({"email": [f"{OPEN_AT_MOST} invitations are open. Wait for answers or withdraw some."]})
    if not (
        limits.within("invite", organisation.pk, PER_DAY, 86_400)
        and limits.within("invite-to", email, PER_ADDRESS, 3600)
    ):
        raise Invalid({"email": ["That is as many invitations as we send at a time. Try again later."]})
    invite = MemberInvite.objects.create(
        organisation=organisation, email=email, role=role, invited_by=by, expires_at=clock.now() + LIFE
    )
    record(invite, InviteState.OPEN, by=by)
    notices.invitation(invite)
    return invite


def _address(email: str) -> str:
    email = email.strip().lower()
    try:
        validate_email(email)
    except ValidationError:
        raise Invalid({"email": ["Write the address like maya@example.com."]}) from None
    if len(email) > 254:
        raise Invalid({"email": ["This address is too long."]})
    return email


@transaction.atomic
def accept_invite(*, by, invite) -> Membership:
    """Join. The person has to have confirmed the very address that was invited; a link works once.

    A second click of the person who joined gives the same membership. Raises `NotAllowed` for somebody else,
    `WrongMoment` when the link is used up, withdrawn or too old.
    """
    organisation = lock(invite.organisation)
    invite = MemberInvite.objects.select_for_update().get(pk=invite.pk)
    if invite.email.lower() not in (address.lower() for address in confirmed_addresses(by)):
        raise NotAllowed(
            f"This invitation is for {mask(invite.email)}. Sign in with that, or ask for one to yours."
        )
    present = Membership.objects.filter(organisation=organisation, user=by).first()
    if invite.state == InviteState.ACCEPTED and present:
        return present
    if invite.state != InviteState.OPEN or invite.expires_at <= clock.now():
        raise WrongMoment("This invitation is no longer open. Ask for a new one.")
    if organisation.suspended_at:
        raise WrongMoment(SUSPENDED)
    move(invite, InviteState.ACCEPTED, by=by)
    if present is None:
        present = Membership.objects.create(organisation=organisation, user=by, role=invite.role)
        record(organisation, "joined", by=by, note=invite.get_role_display())
    elif invite.role == Role.OWNER and present.role != Role.OWNER:
        present.role = Role.OWNER
        present.save(update_fields=["role"])
        record(organisation, "role_changed", by=by, note=Role.OWNER.label)
    notices.joined(present, invite.invited_by)
    return present


def mask(email: str) -> str:
    """`maya@example.com` -> `m…@example.com`: enough to know which of one's own it is."""
    local, _, domain = email.partition("@")
    return f"{local[:1]}…@{domain}"


@transaction.atomic
def withdraw_invite(*, by, invite) -> MemberInvite:
    """Owners withdraw any invitation, managers those to managers. The link stops working at once."""
    organisation = lock(invite.organisation)
    acts = allowed_actions(by, organisation)
    if refusal := acts["invite_owner" if invite.role == Role.OWNER else "withdraw_invite"]:
        raise NotAllowed(refusal)
    move(invite, InviteState.WITHDRAWN, by=by)
    return invite


@transaction.atomic
def leave(*, by, organisation) -> None:
    """Go. The last owner cannot."""
    organisation = lock(organisation)
    mine = Membership.objects.filter(organisation=organisation, user=by).first()
    if mine is None:
        return
    if refusal := allowed_actions(by, organisation)["leave"]:
        raise WrongMoment(refusal) if refusal == LAST_OWNER else NotAllowed(refusal)
    _end(mine, by=by, why="left")


@transaction.atomic
def remove_member(*, by, membership) -> None:
    """Take a member out; they lose the organisation with their next click. Nothing happens if they are gone."""
    organisation = lock(membership.organisation)
    other = Membership.objects.select_related("user", "organisation").filter(pk=membership.pk).first()
    if other is None:
        return
    if refusal := allowed_on_member(by, other)["remove"]:
        raise NotAllowed(refusal)
    _end(other, by=by, why="removed")
    notices.removed(other.user, organisation)


def _end(membership: Membership, *, by, why: str) -> None:
    user, organisation = membership.user, membership.organisation
    addresses = [user.email.lower(), *(address.lower() for address in confirmed_addresses(user))]
    leftover = organisation.invites.filter(state=InviteState.OPEN).filter(
        Q(invited_by=user) | Q(email__in=addresses)
    )
    for invite in leftover:
        move(invite, InviteState.WITHDRAWN, by=by, reason=why)
    membership.delete()
    record(organisation, why, by=by, note=user.public_id)


@transaction.atomic
def set_role(*, by, membership, role: str) -> Membership:
    """Make a member owner or manager. An owner may step down unless nobody else owns the organisation."""
    organisation = lock(membership.organisation)
    if role not in Role.values:
        raise Invalid({"role": ["Choose manager or owner."]})
    other = Membership.objects.select_related("organisation", "user").filter(pk=membership.pk).first()
    if other is None:
        raise WrongMoment("This person is no longer a member.")
    if other.role == role:
        return other
    if refusal := allowed_on_member(by, other)["make_owner" if role == Role.OWNER else "make_manager"]:
        raise WrongMoment(refusal) if refusal == LAST_OWNER else NotAllowed(refusal)
    other.role = role
    other.save(update_fields=["role"])
    if role == Role.MANAGER:  # what only an owner could have sent goes with the role
        for invite in organisation.invites.filter(
            state=InviteState.OPEN, role=Role.OWNER, invited_by=other.user
        ):
            move(invite, InviteState.WITHDRAWN, by=by, reason="role_changed")
    record(organisation, "role_changed", by=by, note=f"{other.user.public_id}: {role}")
    notices.role_changed(other)
    return other


def expire_invites(limit: int = 500) -> int:
    """Close invitations that are past their seven days. Returns how many."""
    with transaction.atomic():
        return _expire(
            MemberInvite.objects.select_for_update(skip_locked=True)
            .filter(state=InviteState.OPEN, expires_at__lte=clock.now())
            .order_by("pk")[:limit]
        )


def _expire(invites) -> int:
    closed = 0
    for invite in invites:
        move(invite, InviteState.EXPIRED)
        closed += 1
    return closed
