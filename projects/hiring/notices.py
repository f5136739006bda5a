"""What people are told about offers and about the money that makes them real."""

from django.urls import reverse

from accounts.employers.queries import members
from accounts.notifications.actions import notify
from accounts.notifications.kinds import kind
from marketplace.ground.money import show
from projects.posting.wording import day, moment

from .states import CheckState

GROUP = "Offers and agreements"
OFFER = kind("offer", "An offer for you", group=GROUP, action=True, roles=("student",))
OFFER_EXPIRING = kind(
    "offer-expiring", "An offer is about to end", group=GROUP, action=True, roles=("student",)
)
OFFER_ENDED = kind("offer-ended", "An offer was withdrawn or has ended", group=GROUP, roles=("student",))
OFFER_ANSWERED = kind("offer-answered", "An answer to your offer", group=GROUP, roles=("employer",))
OFFER_HELD = kind("offer-held", "More time for your offer", group=GROUP, roles=("employer",))
CHECK_DECIDED = kind(
    "repeat-hire", "A moderator has looked at a repeat hire", group=GROUP, roles=("employer",)
)
FUNDS_NEEDED = kind("funds-needed", "Funds to secure", group="Money", always=True, action=True)
FUNDS_SECURED = kind("funds-secured", "Funds secured", group="Money", always=True)
FUNDS_FAILED = kind("funds-failed", "A payment did not work", group="Money", always=True, action=True)
FUNDS_COMING = kind("funds-coming", "A payment is on its way", group="Money", always=True)
NOT_FUNDED = kind("not-funded", "Funds were not secured in time", group="Money", always=True)


def _offer_url(offer) -> str:
    return reverse("hiring:answer", args=[offer.public_id])


def _work_url(engagement) -> str:
    return reverse("working:workspace", args=[engagement.public_id])


def _board_url(project) -> str:
    return reverse("applying:board", args=[project.public_id])


def offered(offer) -> None:
    student, terms = offer.application.student, offer.terms
    pay = show(terms["money"]["net"], terms["money"]["currency"])
    said = f"\n\nThey wrote: {offer.message}" if offer.message else ""
    notify(
        student,
        OFFER,
        thing=offer,
        title=f"{offer.project.organisation.name} offers you “{offer.project.title}”",
        body=f"{pay} for about {terms['scope']['hours']} hours, from {day(offer.start_on)} to {day(offer.due_on)}. "
        f"Read the agreement and answer by {moment(offer.expires_at, student.zone)}.{said}",
        url=_offer_url(offer),
        label="Read the offer",
    )


def expiring(offer) -> None:
    student = offer.application.student
    notify(
        student,
        OFFER_EXPIRING,
        thing=offer,
        deadline=offer.expires_at,
        reminder=True,
        title=f"Your offer from {offer.project.organisation.name} ends soon",
        body=f"Say yes or no by {moment(offer.expires_at, student.zone)}. After that it ends by itself.",
        url=_offer_url(offer),
        label="Answer the offer",
    )


def withdrawn(offer) -> None:
    notify(
        offer.application.student,
        OFFER_ENDED,
        thing=offer,
        title=f"{offer.project.organisation.name} withdrew the offer",
        body=f"You are still on the shortlist for “{offer.project.title}”, and they still owe you an answer.",
        url=reverse("applying:detail", args=[offer.application.public_id]),
        label="See your application",
    )


def lapsed(offer) -> None:
    project, student = offer.project, offer.application.student
    notify(
        student,
        OFFER_ENDED,
        thing=offer,
        title=f"The offer for “{project.title}” has ended",
        body="There was no answer in time. You are still on the shortlist, and they may ask you again.",
        url=reverse("applying:detail", args=[offer.application.public_id]),
        label="See your application",
    )
    for member in members(project.organisation):
        notify(
            member,
            OFFER_ANSWERED,
            thing=offer,
            title=f"{student.name} did not answer your offer",
            body=f"The offer for “{project.title}” has ended. Make it again or choose somebody else by "
            f"{moment(project.answer_by, member.zone)}.",
            url=_board_url(project),
            label="See the applicants",
        )


def held(offer) -> None:
    for member in members(offer.project.organisation):
        notify(
            member,
            OFFER_HELD,
            thing=offer,
            deadline=offer.expires_at,
            title=f"{offer.application.student.name} answers your offer by {moment(offer.expires_at, member.zone)}",
            body="Some answers need more time. The place is kept until then, and your answer clock for the others "
            "stands still. You can withdraw the offer if that is too late for you.",
            url=_offer_url(offer),
            label="See the offer",
        )


def check_decided(check) -> None:
    application = check.application
    agreed = check.state == CheckState.ALLOWED
    if check.asked_by:
        notify(
            check.asked_by,
            CHECK_DECIDED,
            thing=check,
            title="A moderator agreed: you can make the offer"
            if agreed
            else "A moderator did not agree to the repeat hire",
            body=f"It is about “{application.project.title}”. {check.note}".strip(),
            url=reverse("hiring:offer", args=[application.public_id])
            if agreed
            else _board_url(application.project),
            label="Make the offer" if agreed else "See the applicants",
        )


def turned_down(offer) -> None:
    project, student = offer.project, offer.application.student
    said = f"\n\nThey wrote: {offer.decline_note}" if offer.decline_note else ""
    for member in members(project.organisation):
        notify(
            member,
            OFFER_ANSWERED,
            thing=offer,
            title=f"{student.name} said no to “{project.title}”",
            body=f"Nobody else has been declined, so you can choose again by "
            f"{moment(project.answer_by, member.zone)}.{said}",
            url=_board_url(project),
            label="See the applicants",
        )


def accepted(engagement) -> None:
    price = show(engagement.due, engagement.currency)
    for member in members(engagement.organisation):
        notify(
            member,
            FUNDS_NEEDED,
            thing=engagement,
            deadline=engagement.fund_by,
            part="accepted",
            title=f"{engagement.student.name} accepted: secure {price} for “{engagement.title}”",
            body=f"Pay by {moment(engagement.fund_by, member.zone)}. "
            "Stripe holds the money until you approve the work.\n\n"
            "Work starts when the funds are secured, and the other applicants get their answer then.",
            url=reverse("hiring:fund", args=[engagement.public_id]),
            label="Secure the funds",
        )


def funds_due(engagement, part: str) -> None:
    price = show(engagement.due, engagement.currency)
    for member in members(engagement.organisation):
        notify(
            member,
            FUNDS_NEEDED,
            thing=engagement,
            deadline=engagement.fund_by,
            part=part,
            reminder=True,
            title=f"Secure {price} for “{engagement.title}”",
            body=f"{engagement.student.name} is waiting to start. If the funds are not secured by "
            f"{moment(engagement.fund_by, member.zone)}, the engagement ends and your public record shows it.",
            url=reverse("hiring:fund", args=[engagement.public_id]),
            label="Secure the funds",
        )


def on_its_way(engagement) -> None:
    student = engagement.student
    body = (
        "A bank payment takes a few days to arrive. The clock stands still until then, and work waits for it."
    )
    notify(
        student,
        FUNDS_COMING,
        thing=engagement,
        deadline=engagement.funds_coming_at,
        title=f"The payment for “{engagement.title}” is on its way",
        body=body,
        url=_work_url(engagement),
        label="See the engagement",
    )
    for member in members(engagement.organisation):
        notify(
            member,
            FUNDS_COMING,
            thing=engagement,
            deadline=engagement.funds_coming_at,
            title=f"Your payment for “{engagement.title}” is on its way",
            body=body,
            url=_work_url(engagement),
            label="See the engagement",
        )


def funds_failed(engagement, why: str) -> None:
    for member in members(engagement.organisation):
        notify(
            member,
            FUNDS_FAILED,
            thing=engagement,
            deadline=engagement.fund_by,
            part=str(engagement.hold.fundings.count()),
            title=f"The payment for “{engagement.title}” did not work",
            body=f"{why or 'The payment was refused.'} Nothing was taken. Try another way to pay by "
            f"{moment(engagement.fund_by, member.zone)}.",
            url=reverse("hiring:fund", args=[engagement.public_id]),
            label="Pay another way",
        )


def _payers(engagement) -> str:
    if not engagement.sponsored:
        return f"{engagement.organisation.name} has paid"
    sponsor = engagement.agreement.terms["sponsor"]["name"]
    both = f"{engagement.organisation.name} and {sponsor} have paid"
    return both if engagement.due else f"{sponsor} pays for it"


def secured(engagement) -> None:
    net, price = show(engagement.net, engagement.currency), show(engagement.price, engagement.currency)
    student = engagement.student
    notify(
        student,
        FUNDS_SECURED,
        thing=engagement,
        title=f"{net} is secured: “{engagement.title}” can start",
        body=f"{_payers(engagement)}, and Stripe holds the money for you. Start on "
        f"{day(engagement.start_on)} or sooner, when one of you says so.",
        url=_work_url(engagement),
        label="Open the workspace",
    )
    for member in members(engagement.organisation):
        notify(
            member,
            FUNDS_SECURED,
            thing=engagement,
            title=f"{price} is secured for “{engagement.title}”",
            body=f"{student.name} is hired, and the other applicants have their answer. The work starts on "
            f"{day(engagement.start_on)} or sooner, when one of you says so. Your invoice stands under Billing.",
            url=_work_url(engagement),
            label="Open the workspace",
        )


def not_funded(engagement) -> None:
    name = engagement.organisation.name
    notify(
        engagement.student,
        NOT_FUNDED,
        thing=engagement,
        title=f"{name} did not secure the pay in time",
        body=f"So “{engagement.title}” has ended, and you are free. You did nothing wrong: it does not count against "
        "you, and their public record shows it.",
        url=reverse("applying:detail", args=[engagement.application.public_id]),
        label="See your application",
    )
    for member in members(engagement.organisation):
        notify(
            member,
            NOT_FUNDED,
            thing=engagement,
            title=f"The funds for “{engagement.title}” were not secured in time",
            body=f"The engagement with {engagement.student.name} has ended, and your public record shows it.\n\n"
            "The posting is still open: you can make another offer while your answer clock runs.",
            url=_board_url(engagement.project),
            label="See the applicants",
        )
