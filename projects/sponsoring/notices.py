"""What sponsors and employers are told about requests, and about a sponsor's money."""

from django.urls import reverse

from accounts.employers.queries import members, owners
from accounts.notifications.actions import notify
from accounts.notifications.kinds import kind
from marketplace.ground import clock
from marketplace.ground.money import show
from payments.disputes.models import Dispute
from payments.wallets import queries as wallets
from projects.posting.wording import day

from .states import DrawState

GROUP = "Sponsoring"
SPONSORS = ("school", "employer")
ASKED = kind("sponsor-asked", "An employer asks you to sponsor a project", group=GROUP, roles=SPONSORS)
ANSWERED = kind("sponsor-answered", "A sponsor's answer", group=GROUP, roles=("employer",))
GIVEN = kind("sponsor-given", "A project that you sponsor has hired somebody", group=GROUP, roles=SPONSORS)
LOW = kind("sponsor-low", "A wallet is running low", group=GROUP, roles=SPONSORS)
ENDING = kind("sponsor-ending", "A programme ends with money left", group=GROUP, roles=SPONSORS)
RETURNED = kind("sponsor-returned", "Money came back into a wallet", group="Money", always=True)
PAID_IN = kind("sponsor-paid", "Money came into a wallet", group="Money", always=True)
QUESTIONED = kind(
    "sponsor-questioned", "A bank questions a payment into a wallet", group="Money", always=True
)
TROUBLE = kind("sponsor-trouble", "A wallet needs you", group="Money", always=True, action=True)


def _wallet_url(wallet) -> str:
    return reverse("sponsoring:wallet", args=[wallet.public_id])


def _draw_url(draw) -> str:
    return reverse("sponsoring:draw", args=[draw.public_id])


def asked(draw) -> None:
    project = draw.project
    for person in wallets.coordinators(draw.programme.wallet):
        notify(
            person,
            ASKED,
            thing=draw,
            title=f"{project.organisation.name} asks you to sponsor “{project.title}”",
            body=f"It would draw on “{draw.programme.name}”, up to {draw.share_bp / 100:g} % of the student's pay."
            + (f"\n\nThey wrote: {draw.note}" if draw.note else ""),
            url=_draw_url(draw),
            label="Read the request",
        )


def answered(draw) -> None:
    project, wallet = draw.project, draw.programme.wallet
    if draw.state == DrawState.APPROVED:
        title = f"{wallet.sponsor} sponsors “{project.title}”"
        body = (
            f"Up to {show(draw.promised, wallet.currency)} of the student's pay, and there is no fee on that share. "
            f"It is for students whom “{draw.programme.name}” is for; the offer says the exact amount."
        )
    else:
        title = f"{wallet.sponsor} does not sponsor “{project.title}”"
        body = f"They wrote: {draw.answer}"
    for person in members(project.organisation):
        notify(person, ANSWERED, thing=draw, title=title, body=body, url=_draw_url(draw), label="See it")


def given(draw) -> None:
    wallet = draw.programme.wallet
    for person in wallets.coordinators(wallet):
        notify(
            person,
            GIVEN,
            thing=draw,
            part=str(draw.hold_id),
            title=f"{show(draw.used, wallet.currency)} goes to “{draw.project.title}”",
            body="A student has accepted the work. The money is held for it and released as the work is approved; "
            "what is not used comes back.",
            url=_draw_url(draw),
            label="See it",
        )


def returned(draw, amount: int) -> None:
    wallet = draw.programme.wallet
    for person in wallets.coordinators(wallet):
        notify(
            person,
            RETURNED,
            thing=draw,
            part=f"{draw.hold_id}-{draw.used}",
            title=f"{show(amount, wallet.currency)} came back from “{draw.project.title}”",
            body=_where_it_went(draw),
            url=_wallet_url(wallet),
            label="See the wallet",
        )


def _where_it_went(draw) -> str:
    short = Dispute.objects.filter(lot__parts__hold=draw.hold_id, taken__gt=0)
    if short.exists():
        return (
            "It was not used there. Your bank has taken back a payment that it came with, so it makes up for that "
            "first; the wallet's page says what is free."
        )
    return "It was not used there, and stands in your wallet again."


GO_ON = "Projects that run go on, and students are paid as agreed."


def said_of(dispute) -> tuple[str, str]:
    """What happened to a sponsor's payment and what it means, in two sentences or three."""
    lot, currency = dispute.lot, dispute.currency
    paid = f"{show(lot.amount, currency)} that you paid on {day(lot.paid_at.date())}"
    taken, ours, beyond = (show(sum_, currency) for sum_ in (dispute.taken, dispute.covered, dispute.beyond))
    if dispute.settled_as in ("won", "withdrawn"):
        return (
            f"Your bank has let the payment of {show(lot.amount, currency)} stand",
            f"All that was set aside of the {paid} is free for projects again. {GO_ON}",
        )
    if dispute.taken <= 0:
        return (
            f"Your bank asks about {show(dispute.amount, currency)}",
            f"It is about the {paid}. Nothing has been taken. Until your bank has an answer, the amount is not given "
            f"to new projects and cannot be asked back. {GO_ON}",
        )
    with_projects = (
        f" {beyond} was with projects or paid to students by then. {GO_ON}"
        if dispute.beyond > 0
        else f" {GO_ON}"
    )
    if dispute.booked_lost:
        return (
            f"Your bank has taken {taken} back for good",
            f"It is of the {paid}. {ours} has left the wallet with it.{with_projects}",
        )
    return (
        f"Your bank has taken {taken} back",
        f"It is of the {paid}. {ours} was free and is set aside until the bank has decided.{with_projects} If nobody "
        "of yours did this on purpose, tell your bank that the payment is in order.",
    )


def questioned(dispute, part: str) -> None:
    """Told when a bank asks, when it takes, and when it has decided."""
    title, body = said_of(dispute)
    for person in wallets.coordinators(dispute.lot.wallet):
        notify(
            person,
            QUESTIONED,
            thing=dispute,
            part=part,
            title=title,
            body=body,
            url=_wallet_url(dispute.lot.wallet),
            label="See the wallet",
        )


def low(wallet) -> None:
    """Told once for each mark: below it, and again below half of it."""
    from .queries import free

    left = free(wallet)
    if not wallet.low_at or left >= wallet.low_at:
        return
    part = f"{wallet.low_at}-{'half' if 2 * left < wallet.low_at else 'low'}"
    for person in wallets.coordinators(wallet):
        notify(
            person,
            LOW,
            thing=wallet,
            part=part,
            title=f"{show(left, wallet.currency)} is left for projects",
            body="That is less than the mark that you set. What is promised or with projects is not counted.",
            url=_wallet_url(wallet),
            label="See the wallet",
        )


def ending(programme, left: int) -> None:
    wallet = programme.wallet
    for person in wallets.coordinators(wallet):
        notify(
            person,
            ENDING,
            thing=programme,
            part=programme.ends_on.isoformat(),
            title=f"“{programme.name}” ends on {day(programme.ends_on)} with {show(left, wallet.currency)} left",
            body="After that nothing new is given by it. You can move its end, or let the money go to another one.",
            url=_wallet_url(wallet),
            label="See the programme",
        )


def paid_in(wallet, lot) -> None:
    for person in wallets.coordinators(wallet):
        notify(
            person,
            PAID_IN,
            thing=lot,
            title=f"{show(lot.amount, lot.currency)} is in your wallet",
            body="It can be given to projects now.",
            url=_wallet_url(wallet),
            label="See the wallet",
        )


def trouble(wallet, thing, title: str, why: str) -> None:
    for person in wallets.coordinators(wallet):
        notify(
            person,
            TROUBLE,
            thing=thing,
            part=f"{clock.now():%Y%m%d%H%M%S}",  # each time anew
            title=title,
            body=why,
            url=_wallet_url(wallet),
            label="See the wallet",
        )


def not_sponsored(engagement, why: str) -> None:
    """The share that the offer named is not there: the employer pays all, or steps back."""
    for person in owners(engagement.organisation):
        notify(
            person,
            ANSWERED,
            thing=engagement,
            part="not-there",
            title=f"The sponsor cannot pay for “{engagement.title}”",
            body=f"{why} The whole price of {show(engagement.price, engagement.currency)} is now yours to pay, as the "
            "agreement says. If you would rather not, cancel before you pay: nobody owes anything then.",
            url=reverse("hiring:fund", args=[engagement.public_id]),
            label="See what is to be paid",
        )
