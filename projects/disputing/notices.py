"""What people are told about a dispute. One small function per message."""

from django.urls import reverse

from accounts.notifications.actions import notify
from accounts.notifications.kinds import kind
from accounts.notifications.models import Notification
from marketplace.ground import clock
from marketplace.ground.money import show
from projects.working.money_notices import admin_page, moderators
from projects.working.notices import employers, when

from .models import Dispute
from .states import DisputeState

NEWS = kind("dispute", "A dispute about pay goes on or ends", group="Money", always=True)
YOURS = kind("dispute_yours", "A dispute about pay waits for you", group="Money", always=True, action=True)
DESK = kind("dispute_desk", "A dispute waits for a moderator", group="Money", always=True, action=True)
STILL = "Every date of the project stands still until it ends."


def amount(dispute: Dispute, minor: int) -> str:
    return show(minor, dispute.engagement.currency)


def people(dispute: Dispute, side: str) -> list:
    engagement = dispute.engagement
    return [engagement.student] if side == "student" else employers(engagement)


def name(dispute: Dispute, side: str) -> str:
    engagement = dispute.engagement
    return engagement.student.get_short_name() if side == "student" else engagement.organisation.name


def _tell(
    dispute, users, kind_, part: str, title: str, body, label: str = "Open the dispute", **more
) -> None:
    """body: a text, or a function of the reader (dates are in their zone)."""
    for user in users:
        notify(
            user,
            kind_,
            thing=dispute,
            part=part,
            title=title,
            body=body(user) if callable(body) else body,
            url=reverse("disputing:dispute", args=[dispute.public_id]),
            label=label,
            **more,
        )


def _tell_desk(dispute, part: str, title: str, body: str, users=None) -> None:
    for user in moderators() if users is None else users:
        notify(
            user,
            DESK,
            thing=dispute,
            part=part,
            title=title,
            body=body,
            url=admin_page(dispute),
            label="Look at it",
        )


def tell_opened(dispute: Dispute) -> None:
    milestone, opener = dispute.milestone, name(dispute, dispute.side)
    asks = amount(dispute, dispute.asked)
    words = dispute.statements.get(kind="opening").text
    _tell(
        dispute,
        people(dispute, dispute.other_side),
        YOURS,
        "opened",
        f"{opener} opened a dispute about “{milestone.title}”",
        lambda user: (
            f"Of its {amount(dispute, milestone.net)} they ask for {asks} to go to the student. They wrote:\n\n{words}\n\n"
            f"Accept that, or name another amount, by {when(dispute.answer_by, user)}. Without an answer a moderator "
            f"decides. {STILL}"
        ),
        "Answer",
    )
    _tell(
        dispute,
        people(dispute, dispute.side),
        NEWS,
        "opened",
        f"The dispute about “{milestone.title}” is open",
        lambda user: (
            f"{name(dispute, dispute.other_side)} has until {when(dispute.answer_by, user)} to answer. Without an "
            f"answer a moderator decides. {STILL}"
        ),
    )


def remind_answer(dispute: Dispute) -> None:
    waiting = dispute.other_side if dispute.state == DisputeState.OPENED else dispute.side
    until = dispute.answer_by if dispute.state == DisputeState.OPENED else dispute.agree_by
    _tell(
        dispute,
        people(dispute, waiting),
        YOURS,
        "soon",
        f"The dispute about “{dispute.milestone.title}” waits for you",
        lambda user: f"You have until {when(until, user)}. After that a moderator decides.",
        "Answer",
        deadline=until,
        reminder=True,
    )


def remind_appeal(dispute: Dispute) -> None:
    """To whoever has neither accepted the decision nor appealed."""
    for side in ("student", "employer"):
        if dispute.accepted_at(side):
            continue
        _tell(
            dispute,
            people(dispute, side),
            YOURS,
            f"appeal/{side}",
            f"The time to appeal ends soon: {amount(dispute, dispute.decided)} for {_you(dispute, side)}",
            lambda user: (
                f"About “{dispute.milestone.title}”. You can appeal until {when(dispute.appeal_until, user)}. If nobody "
                "does, the decision stands and the money moves then."
            ),
            "Read the decision",
            deadline=dispute.appeal_until,
            reminder=True,
        )


def tell_answered(dispute: Dispute) -> None:
    other = name(dispute, dispute.other_side)
    words = dispute.statements.get(kind="answer").text
    _tell(
        dispute,
        people(dispute, dispute.side),
        YOURS,
        "answered",
        f"{other} names {amount(dispute, dispute.offered)} in the dispute",
        lambda user: (
            f"You asked for {amount(dispute, dispute.asked)} of “{dispute.milestone.title}”. They wrote:\n\n{words}\n\n"
            f"Accept their amount by {when(dispute.agree_by, user)}, and it is settled at once. Otherwise a "
            "moderator decides."
        ),
        "Read it",
    )


def tell_withdrawn(dispute: Dispute) -> None:
    _tell(
        dispute,
        people(dispute, dispute.other_side),
        NEWS,
        "withdrawn",
        f"{name(dispute, dispute.side)} withdrew the dispute",
        f"“{dispute.milestone.title}” goes on as before. Every date has moved by as long as it stood still.",
    )
    _clear_desk(dispute)


def _clear_desk(dispute: Dispute) -> None:
    """Nothing is left to decide: moderators who were asked need not look any more."""
    thing = f"{dispute._meta.label_lower}:{dispute.pk}"
    Notification.objects.filter(kind=DESK.slug, thing=thing, read_at=None).update(read_at=clock.now())


def tell_deciding(dispute: Dispute, silent: bool) -> None:
    why = "Nobody answered in time" if silent else "The two sides did not agree in time"
    for side in ("student", "employer"):
        _tell(
            dispute,
            people(dispute, side),
            NEWS,
            "deciding",
            f"A moderator decides about “{dispute.milestone.title}”",
            lambda user: (
                f"{why}, so a moderator decides by {when(dispute.decide_by, user)}. Until then you can still agree "
                "between yourselves."
            ),
        )
    _tell_desk(
        dispute,
        "deciding",
        f"Decide the dispute about “{dispute.engagement.title}”",
        f"{why}. Decide by {dispute.decide_by:%d %B, %H:%M} UTC.",
    )


def remind_desk(dispute: Dispute, part: str, overdue: bool) -> None:
    by = f"{dispute.decide_by:%d %B, %H:%M} UTC"
    again = dispute.state == DisputeState.APPEALED
    users = moderators().exclude(pk=dispute.decided_by_id) if again else moderators()
    _tell_desk(
        dispute,
        part,
        f"{'Overdue' if overdue else 'Soon due'}: the dispute about “{dispute.engagement.title}”",
        f"Both sides were told {by}. "
        + ("They are still waiting." if overdue else "Nobody has decided yet."),
        users,
    )


def tell_decided(dispute: Dispute, words: str) -> None:
    for side in ("student", "employer"):
        _tell(
            dispute,
            people(dispute, side),
            YOURS,
            "decided",
            f"A moderator decided: {amount(dispute, dispute.decided)} for {_you(dispute, side)}",
            lambda user: (
                f"About “{dispute.milestone.title}”. The moderator wrote:\n\n{words}\n\nYou can appeal, once, until "
                f"{when(dispute.appeal_until, user)}; somebody else then decides for good. The money moves after "
                "that, or as soon as both sides accept."
            ),
            "Read the decision",
        )


def _you(dispute: Dispute, side: str) -> str:
    return "you" if side == "student" else dispute.engagement.student.get_short_name()


def tell_accepted(dispute: Dispute, side: str) -> None:
    other = "employer" if side == "student" else "student"
    _tell(
        dispute,
        people(dispute, other),
        NEWS,
        f"accepted/{side}",
        f"{name(dispute, side)} accepts the decision",
        lambda user: (
            f"If you accept it, too, the money moves at once; otherwise after {when(dispute.appeal_until, user)}."
        ),
    )


def tell_appealed(dispute: Dispute, words: str) -> None:
    for side in ("student", "employer"):
        mine = side == dispute.appealed_by
        _tell(
            dispute,
            people(dispute, side),
            NEWS,
            "appealed",
            f"{'Your appeal is with us' if mine else name(dispute, dispute.appealed_by) + ' appealed'}: "
            f"“{dispute.milestone.title}”",
            lambda user, mine=mine: (
                ("" if mine else f"They wrote:\n\n{words}\n\n")
                + f"Another moderator decides for good by {when(dispute.decide_by, user)}."
            ),
        )
    _tell_desk(
        dispute,
        "appealed",
        f"Hear the appeal in the dispute about “{dispute.engagement.title}”",
        f"Somebody else than {dispute.decided_by or 'the first moderator'} decides by "
        f"{dispute.decide_by:%d %B, %H:%M} UTC. Their words:\n\n{words}",
        moderators().exclude(pk=dispute.decided_by_id),
    )


def tell_settled(dispute: Dispute) -> None:
    rest = dispute.milestone.net - dispute.pays
    final = dispute.statements.filter(kind="final").first()
    why = {
        Dispute.How.AGREED: "You both agreed.",
        Dispute.How.DECIDED: "The moderator's decision stands.",
        Dispute.How.APPEALED: "Another moderator decided on the appeal, for good.",
    }[dispute.how]
    words = f"\n\nThe moderator wrote:\n\n{final.text}" if final else ""
    for side in ("student", "employer"):
        if side == "student":
            goes = (
                f"{amount(dispute, dispute.pays)} is yours and is released like approved pay."
                if dispute.pays
                else "Nothing of it goes to you."
            )
        else:
            goes = (
                f"{amount(dispute, dispute.pays)} goes to {dispute.engagement.student.get_short_name()}"
                + ("; the rest goes back to whoever paid it, with the fee on it." if rest else ".")
            )
        _tell(
            dispute,
            people(dispute, side),
            NEWS,
            "settled",
            f"The dispute about “{dispute.milestone.title}” is settled",
            f"{why} {goes}{words}",
        )
    _clear_desk(dispute)


def tell_overtaken(dispute: Dispute) -> None:
    for side in ("student", "employer"):
        _tell(
            dispute,
            people(dispute, side),
            NEWS,
            "overtaken",
            f"The dispute about “{dispute.milestone.title}” ended with the project",
            "The project has ended otherwise, so nothing is left to decide here.",
        )
    _clear_desk(dispute)
