"""What people are told when something happens to the money of an engagement that nobody planned."""

from django.contrib.auth import get_user_model
from django.urls import reverse

from accounts.notifications.actions import notify
from accounts.notifications.kinds import kind
from marketplace.ground.money import show

from .notices import count, employers, when, workspace

QUESTIONED = kind("payment_questioned", "A payment is questioned by a bank", group="Money", always=True)
TAKEN_BACK = kind(
    "taken_back", "Pay is taken back, owed or no longer owed", group="Money", always=True, roles=("student",)
)
RELEASE_TROUBLE = kind("release_trouble", "A release could not be sent", group="Money", always=True)
MONEY_ALERT = kind("money_alert", "Money needs a moderator", group="Money", always=True, action=True)


def moderators():
    return get_user_model().objects.filter(is_staff=True, is_active=True)


def admin_page(thing) -> str:
    return reverse(f"admin:{thing._meta.app_label}_{thing._meta.model_name}_change", args=[thing.pk])


def alert(thing, part: str, title: str, body: str, url: str = "") -> None:
    """Tell every moderator, once for each (thing, part)."""
    for user in moderators():
        notify(
            user,
            MONEY_ALERT,
            thing=thing,
            part=part,
            title=title,
            body=body,
            url=url or admin_page(thing),
            label="Look at it",
        )


def _to_parties(engagement, kind_, thing, part: str, title: str, student: str, employer: str) -> None:
    for users, body in (([engagement.student], student), (employers(engagement), employer)):
        for user in users:
            notify(
                user,
                kind_,
                thing=thing,
                part=part,
                title=title,
                body=body,
                url=workspace(engagement),
                label="Open the workspace",
            )


# --- disputes and warnings ------------------------------------------------------------------------------------


def tell_disputed(engagement, dispute) -> None:
    title = f"The payment for “{engagement.title}” is questioned at the bank"
    stands = "Until the bank has decided, every date stands still and no money moves."
    _to_parties(
        engagement,
        QUESTIONED,
        dispute,
        "opened",
        title,
        f"Somebody asked the employer's bank about the payment. {stands} You need not do anything. What has reached "
        "you already stays with you while the bank decides.",
        f"Your bank has asked for the payment, or asks about it. {stands} If nobody of yours did that on purpose, "
        "tell your bank that the payment is in order: that is the fastest way to go on.",
    )


def _about(engagement, dispute) -> str:
    if dispute.lot:
        return f"a payment of {dispute.lot.wallet.sponsor} into its wallet"
    return f"“{engagement.title}”" if engagement else "a payment that pays for no engagement"


def alert_disputed(engagement, dispute) -> None:
    about = _about(engagement, dispute)
    until = f" Answer by {dispute.due_by:%d %B, %H:%M} UTC." if dispute.due_by else ""
    alert(
        dispute,
        "opened",
        f"A bank questions {show(dispute.amount, dispute.currency)} for {about}",
        f"An answer has been drafted from what happened.{until} If nobody sends it, it is sent a day before.",
    )


def tell_closed(engagement, dispute, outcome: str) -> None:
    if outcome == "lost":
        _to_parties(
            engagement,
            QUESTIONED,
            dispute,
            "lost",
            f"The bank took the payment for “{engagement.title}” back",
            "The bank decided for the cardholder, so the project cannot go on. Approved work stays paid.",
            "Your bank decided to take the payment back, so the project cannot go on. Approved work stays paid.",
        )
        return
    going_on = "The dates moved by as long as everything stood still."
    _to_parties(
        engagement,
        QUESTIONED,
        dispute,
        outcome,
        f"The payment for “{engagement.title}” is in order",
        f"The bank has decided, and the money is secured as before. {going_on}",
        f"The bank has decided, and the payment stands. {going_on}",
    )


def alert_closed(engagement, dispute, outcome: str) -> None:
    about = _about(engagement, dispute)
    words = {"won": "was won", "lost": "was lost", "withdrawn": "came to nothing"}[outcome]
    body = "The books say what it cost and whose it was."
    if engagement and engagement.ended_at and outcome != "lost":
        body = "The project has ended meanwhile: decide what becomes of the money that is held."
    alert(dispute, f"{outcome}/{dispute.times_lost}", f"The dispute about {about} {words}", body)


def alert_evidence_due(engagement, dispute, hours: int) -> None:
    about = f" about “{engagement.title}”" if engagement else ""
    alert(
        dispute,
        f"due/{hours}",
        f"Answer the bank{about} within {count(hours, 'hour')}",
        "Read the drafted answer, correct it, and send it. A day before the time is over it is sent as it stands.",
    )


def tell_warned(engagement, warning) -> None:
    if not warning.released:
        _to_parties(
            engagement,
            QUESTIONED,
            warning,
            "warned",
            f"The payment for “{engagement.title}” is being looked at",
            "The card's network asked us to look at the payment. Until a moderator has, everything stands still.",
            "Your card's network asked us to look at the payment. Until a moderator has, everything stands still.",
        )
    alert(
        warning,
        "warned",
        f"Fraud is suspected in the payment for “{engagement.title}”",
        "Something was released already: look at it, and decide whether to take it back."
        if warning.released
        else "Nothing is released yet, and the money stands still. Refund it, or say that it is in order.",
    )


# --- taken back, and owed ---------------------------------------------------------------------------------------


def tell_reversed(engagement, reversal) -> None:
    notify(
        engagement.student
        if reversal.release.part.payee_id == engagement.hold.payee_id
        else _payee(reversal),
        TAKEN_BACK,
        thing=reversal,
        title=f"{show(reversal.net, reversal.currency)} of your pay for “{engagement.title}” was taken back",
        body=f"A moderator gave this reason:\n\n{reversal.reason}\n\nWrite to us if you think that this is wrong.",
        url=workspace(engagement),
        label="Open the workspace",
    )


def _payee(reversal):
    return reversal.release.part.payee.user


def tell_owed(receivable, old: str) -> None:
    user = receivable.payee.user
    if user is None:
        return
    left = show(receivable.left, receivable.currency)
    said = {
        "owed": (
            f"You owe {left}",
            "It is kept back from your next releases; nothing is taken from your bank.",
        ),
        "repaid": ("You owe nothing any more", "The last of it was kept back from your latest release."),
        "written_off": ("You owe nothing any more", "A moderator has written off what was left."),
        "forgiven": ("You owe nothing any more", "The dispute was decided in your favour."),
    }[receivable.state]
    if receivable.state == "owed" and old == "owed":
        said = (f"{left} is left to repay", "A part of it was kept back from your latest release.")
    notify(
        user,
        TAKEN_BACK,
        thing=receivable,
        part=f"{receivable.state}/{receivable.repaid}",
        title=said[0],
        body=f"{said[1]}\n\nWhy: {receivable.reason}",
        url=reverse("payments:payouts"),
        label="See your payouts",
    )


def tell_release_failed(engagement, release) -> None:
    amount = show(release.net, release.currency)
    notify(
        engagement.student,
        RELEASE_TROUBLE,
        thing=release,
        title=f"{amount} could not be sent yet",
        body=f"Stripe refused the transfer for “{engagement.title}”. The money is safe and secured for you; a moderator "
        "has been told. Look whether Stripe asks you for something.",
        url=reverse("payments:payouts"),
        label="Look at your payout set-up",
    )
    alert(
        release,
        "failed",
        f"A release of {amount} was refused by Stripe",
        f"{release.failure}\n\nThe money is back in the hold. Release the part again when the cause is gone.",
        admin_page(release.part.hold),
    )


# --- the limit of holding -----------------------------------------------------------------------------------------


def tell_limit_near(engagement, hold, moderator_decides: bool) -> None:
    if moderator_decides:
        for user in moderators():
            notify(
                user,
                MONEY_ALERT,
                thing=hold,
                part="limit_near",
                title=f"Secured funds of “{engagement.title}” come near their limit",
                body=f"They can be held until {when(hold.limit_at, user)}. Release or refund them before.",
                url=admin_page(hold),
                label="Decide",
            )
        return
    for user in (engagement.student, *employers(engagement)):
        notify(
            user,
            QUESTIONED,
            thing=hold,
            part="limit_near",
            title=f"The funds of “{engagement.title}” can be held until {when(hold.limit_at, user)}",
            body="If nothing has been handed in by then, the project ends and what is not approved goes back.",
            url=workspace(engagement),
            label="Open the workspace",
        )
