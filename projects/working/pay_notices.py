"""What a student is told about their pay on its way: once for a milestone, whoever pays for it, and for a payout."""

from django.urls import reverse

from accounts.notifications.actions import notify
from accounts.notifications.kinds import kind
from accounts.notifications.queries import last_told
from marketplace.ground import clock
from marketplace.ground.money import show
from payments.holds.queries import together
from payments.holds.states import QUEUED, RELEASE_WAITING, SCHEDULED, SENT

from .notices import when, workspace

RELEASED = kind("released", "Your pay was released", group="Money", always=True, roles=("student",))
SET_UP_PAYOUTS = kind(
    "set_up_payouts",
    "Your pay waits for your bank details",
    group="Money",
    always=True,
    action=True,
    roles=("student",),
)
PAYOUT = kind("payout", "A payout was sent, or could not be", group="Money", always=True, roles=("student",))


def tell_released(engagement, release) -> None:
    """Once for a milestone, also when a sponsor pays a part of it: with the last of what is being sent now."""
    student, whole, now = engagement.student, together(release), clock.now()
    if any(one.state == QUEUED or (one.state == SCHEDULED and one.due_at <= now) for one in whole):
        return
    told = last_told(student, RELEASED, whole)
    sent = [one for one in whole if one.state == SENT and (told is None or one.sent_at > told)]
    if not sent:
        return
    notify(
        student,
        RELEASED,
        thing=sent[0],
        title=f"{show(sum(one.net for one in sent), release.currency)} is on its way to your account",
        body=f"For “{engagement.title}”. Stripe sends it on to your bank by itself, usually within a few days. Your "
        "earnings show the day as soon as Stripe names it.",
        url=reverse("payments:earnings"),
        label="See your earnings",
    )


def tell_release_waits(engagement, release, why: str) -> None:
    """Once for a milestone and reason, with all of it that is not sent."""
    student = engagement.student
    waiting = [one for one in together(release) if one.state in RELEASE_WAITING]
    amount, first = show(sum(one.net for one in waiting), release.currency), waiting[0]
    if why == "funds":
        tell_released(engagement, release)  # what did not have to wait
    elif why == "payee":
        notify(
            student,
            SET_UP_PAYOUTS,
            thing=first,
            title=f"{amount} waits for your bank details",
            body=f"Work on “{engagement.title}” is approved. Set up payouts once, and the money is sent by itself.",
            url=reverse("payments:payouts"),
            label="Set up payouts",
        )
    elif why == "scheduled":
        notify(
            student,
            RELEASED,
            thing=first,
            part="scheduled",
            title=f"{amount} is released on {when(release.due_at, student)}",
            body="This is the employer's first project here, so approved pay is released some days later, as the "
            "project said before you applied.",
            url=workspace(engagement),
            label="Open the workspace",
        )


def tell_payout(user, amount: int, currency: str, payout) -> None:
    notify(
        user,
        PAYOUT,
        thing=payout,
        part="paid",
        title=f"{show(amount, currency)} has reached your bank",
        body="Stripe has paid it out. Your earnings say which work it is for.",
        url=reverse("payments:earnings"),
        label="See your earnings",
    )


def tell_payout_failed(user, amount: int, currency: str, payout, why: str) -> None:
    notify(
        user,
        PAYOUT,
        thing=payout,
        part="failed",
        title=f"A payout of {show(amount, currency)} did not arrive",
        body=f"{why}\n\nThe money is still yours and stands in your Stripe account. Check your bank details there, "
        "and Stripe sends it again.",
        url=reverse("payments:payouts"),
        label="Check your bank details",
    )
