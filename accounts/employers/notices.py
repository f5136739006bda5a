"""What this room tells people: one function a message."""

from django.conf import settings
from django.urls import reverse

from accounts.notifications.actions import notify, queue_mail
from accounts.notifications.kinds import MEMBERSHIP, PROOF, SECURITY

from . import queries
from .states import ProofState


def invitation(invite) -> None:
    """To an address that may have no account yet, so it is a mail and nothing else."""
    link = settings.SITE_URL + reverse("employers:join", args=[invite.token])
    inviter = invite.invited_by.name if invite.invited_by else "Somebody"
    queue_mail(
        to=invite.email,
        kind="account",
        key=f"invite:{invite.pk}",
        subject=f"{inviter} asks you to join {invite.organisation.name}",
        template="emails/notification",
        context={
            "title": f"Join {invite.organisation.name}",
            "link": link,
            "label": "Read the invitation",
            "paragraphs": [
                f"{inviter} asks you to join {invite.organisation.name} as {invite.get_role_display().lower()}, "
                "to post projects for students and choose who does them.",
                "The link works for seven days, only for this address. If you do not know them, do nothing.",
            ],
            "why": f"{inviter} typed in your address. We have not kept it for anything else.",
        },
    )


def joined(membership, inviter) -> None:
    if (
        inviter is None
        or not inviter.is_active
        or queries.membership(inviter, membership.organisation) is None
    ):
        return
    notify(
        inviter,
        MEMBERSHIP,
        thing=membership,
        title=f"{membership.user.name} has joined {membership.organisation.name}",
        body=f"They joined as {membership.get_role_display().lower()}.",
        url=reverse("employers:members", args=[membership.organisation.public_id]),
        label="See the members",
    )


def removed(user, organisation) -> None:
    notify(
        user,
        SECURITY,
        thing=organisation,
        part=f"removed-{_round(organisation)}",
        title=f"You no longer act for {organisation.name}",
        body="An owner has taken you out of the organisation. If that surprises you, ask them first.",
    )


def role_changed(membership) -> None:
    organisation = membership.organisation
    notify(
        membership.user,
        SECURITY,
        thing=membership,
        part=f"role-{_round(organisation)}",
        title=f"You are now {membership.get_role_display().lower()} of {organisation.name}",
        body="Owners manage members and money; managers do the rest.",
        url=reverse("employers:members", args=[organisation.public_id]),
        label="See the members",
    )


def proof_decided(proof, organisation) -> None:
    good = proof.state == ProofState.ACCEPTED
    kind = proof.get_kind_display()
    if organisation.verified_at and good:
        body = f"{organisation.name} is verified now. Students see it on every project you post."
    elif good:
        body = "One more proof makes your organisation verified."
    else:
        body = f"A moderator wrote: {proof.note}\n\nYou can hand it in again, or choose another proof."
    for owner in queries.owners(organisation):
        notify(
            owner,
            PROOF,
            thing=proof,
            part=_round(proof),
            body=body,
            title=f"{kind}: {'accepted' if good else 'not accepted'}",
            url=reverse("employers:verify", args=[organisation.public_id]),
            label="See your proofs",
        )


def _round(thing) -> str:
    """How often this thing has moved: tells apart the same message about it at different times."""
    from marketplace.ground.models import StateChange

    return str(StateChange.of(thing).count())
