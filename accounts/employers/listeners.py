"""An employer's part in export and erasure."""

from accounts.users import erasure, export
from marketplace.ground.states import move

from .models import MemberInvite, Membership
from .queries import Role
from .states import InviteState


def _memberships(user) -> dict:
    return {
        "member_of": [
            export.plain(m, without=("user",))
            for m in Membership.objects.filter(user=user).select_related("organisation").order_by("pk")
        ],
        "invited": [
            export.plain(i, without=("token", "invited_by"))
            for i in MemberInvite.objects.filter(email__iexact=user.email)
            .select_related("organisation")
            .order_by("pk")
        ],
        "invitations_sent": [
            export.plain(i, without=("token", "invited_by", "email"))
            for i in MemberInvite.objects.filter(invited_by=user)
            .select_related("organisation")
            .order_by("pk")
        ],
    }


@erasure.register_check
def _others_depend_on(user) -> str | None:
    """The only owner of an organisation with other people in it hands it over first."""
    for mine in Membership.objects.filter(user=user, role=Role.OWNER).select_related("organisation"):
        rest = Membership.objects.filter(organisation=mine.organisation, user__is_active=True).exclude(
            pk=mine.pk
        )
        if rest.exists() and not rest.filter(role=Role.OWNER).exists():
            return (
                f"You are the only owner of {mine.organisation.name}. Make one of its members an owner first."
            )
    return None


@erasure.register_scrub
def _forget(user) -> None:
    for invite in MemberInvite.objects.filter(invited_by=user, state=InviteState.OPEN):
        move(invite, InviteState.WITHDRAWN, reason="erased")
    MemberInvite.objects.filter(email__iexact=user.email).delete()
    Membership.objects.filter(user=user).delete()


export.register("organisations", _memberships)
