"""A moderator's decisions about money, as buttons on the rows' pages. Each asks for its reason."""

from django import forms

from marketplace.ground import money
from marketplace.ground.acting import Act, reasons_form
from marketplace.ground.errors import Invalid, WrongMoment
from marketplace.ground.fields import minor

from . import actions
from .actions import deciding, owing, resending, reversing
from .actions.stopping import MODERATOR
from .states import CANCELLED, SENT

Reasons = reasons_form(help_text="Kept with the row, and in the books.")


class AmountForm(Reasons):
    amount = forms.CharField(max_length=20, help_text="What the payer gets back, the fee's share included.")
    field_order = ["amount", "reasons"]


class ShareForm(Reasons):
    share = forms.CharField(
        label="To the student first",
        max_length=20,
        required=False,
        help_text="Net. Empty: nothing, and everything goes back.",
    )
    field_order = ["share", "reasons"]


class PartForm(Reasons):
    part = forms.IntegerField(
        label="Number of the part", min_value=1, help_text="As listed below: 1, 2, 3 ..."
    )
    field_order = ["part", "reasons"]


class BankForm(Reasons):
    reference = forms.CharField(label="Reference on the bank statement", max_length=120)
    field_order = ["reference", "reasons"]


# --- a hold ---------------------------------------------------------------------------------------------------


def _stop_refusal(by, hold) -> str | None:
    if MODERATOR in hold.freezes:
        return "A moderator has stopped it already."
    return "This was cancelled before the funds were secured." if hold.state == CANCELLED else None


def _go_on_refusal(by, hold) -> str | None:
    return None if MODERATOR in hold.freezes else "No moderator has stopped it."


def _insist(refusal: str | None) -> None:
    if refusal:
        raise WrongMoment(refusal)


def _stop(by, hold, reasons):
    _insist(_stop_refusal(by, hold))
    actions.freeze(by=by, hold=hold, why=reasons)


def _go_on(by, hold):
    _insist(_go_on_refusal(by, hold))
    actions.unfreeze(by=by, hold=hold)


def _release_part(by, hold, part, reasons):
    found = hold.parts.filter(position=part - 1).first()
    if found is None:
        raise Invalid({"part": ["This hold has no part with this number."]})
    deciding.decide_release(by=by, hold=hold, part=found, reason=reasons)


def _refund_rest(by, hold, share, reasons):
    net = minor(share, hold.currency, "share") if share else 0
    try:
        deciding.decide_refund(by=by, hold=hold, reason=reasons, pay_student_net=net)
    except Invalid as error:
        raise Invalid({"share": error.messages}) from error


def _hold_facts(hold) -> list[tuple[str, str]]:
    """Whose money it is, how much of it a decision moves, and what becomes of the fee."""
    figures, payee = hold.figures(), hold.payee.user
    paid = [
        (f"Part {part.position + 1}", f"{money.show(part.price, hold.currency)}, {part.status_words}")
        for part in hold.parts.all()
    ]
    return [
        ("For", hold.description),
        ("Student", payee.name if payee else "an account that was erased"),
        ("Held now, fee included", money.show(figures["held"], hold.currency)),
        ("Released already, fee included", money.show(figures["released"], hold.currency)),
        ("Refunded already", money.show(figures["refunded"], hold.currency)),
        *paid,
    ]


def _refund_facts(hold) -> list[tuple[str, str]]:
    back = money.show(hold.figures()["held"], hold.currency)
    return [
        *_hold_facts(hold),
        ("Goes back when nothing is given to the student first", f"{back}, to those who paid it"),
        ("The fee", "Goes back with what is refunded; kept only on what the student is given."),
    ]


HOLD_ACTS = (
    Act(
        "stop",
        "Stop this money",
        _stop,
        _stop_refusal,
        Reasons,
        "Nothing is released or refunded, and the engagement's clocks stand still.",
    ),
    Act(
        "go-on",
        "Let it go on",
        _go_on,
        _go_on_refusal,
        explain="What was due meanwhile goes at once. What the bank has stopped stays stopped.",
    ),
    Act(
        "release",
        "Release a part",
        _release_part,
        deciding.decision_refusal,
        PartForm,
        "As if the employer had approved that milestone.",
        danger=True,
        facts=_hold_facts,
    ),
    Act(
        "refund",
        "Refund what is held",
        _refund_rest,
        deciding.decision_refusal,
        ShareForm,
        "Everything not yet released goes back, and the engagement ends.",
        danger=True,
        facts=_refund_facts,
    ),
)


# --- a payment that was not what was asked for ------------------------------------------------------------------

FUNDING_ACTS = (
    Act(
        "give-back",
        "Give it back",
        lambda by, funding, reasons: actions.give_back_credit(by=by, funding=funding, reason=reasons),
        lambda by, funding: resending.credit_refusal(funding),
        Reasons,
        "It was another amount or currency than was asked for, and stands as the payer's credit.",
    ),
)


# --- a release --------------------------------------------------------------------------------------------------


def _take_back_refusal(by, release) -> str | None:
    if release.state != SENT or not reversing.reversible(release):
        return "Nothing of this release is with the student."
    hold = release.part.hold
    return f"The money is on hold: {hold.frozen_why}." if hold.frozen_at else None


def _take_back_facts(release) -> list[tuple[str, str]]:
    back = release.taken_net + release.taken_fee
    return [
        ("Released, fee included", money.show(release.gross, release.currency)),
        ("Taken back already", money.show(back, release.currency)),
        ("Can be taken back", money.show(reversing.reversible(release), release.currency)),
        ("For", release.part.hold.description),
    ]


RELEASE_ACTS = (
    Act(
        "refund",
        "Take it back and refund it",
        lambda by, release, amount, reasons: actions.refund_released(
            by=by, release=release, amount=minor(amount, release.currency), reason=reasons
        ),
        _take_back_refusal,
        AmountForm,
        "First it is taken back from the student's Stripe balance, then it goes to the payer.",
        danger=True,
        facts=_take_back_facts,
    ),
)


# --- a reversal, and what a student owes ------------------------------------------------------------------------

REVERSAL_ACTS = (
    Act(
        "retry",
        "Try it again",
        lambda by, row, reasons: actions.retry_reversal(by=by, reversal=row, reason=reasons),
        lambda by, row: reversing.short_refusal(row),
        Reasons,
    ),
    Act(
        "advance",
        "Let the platform advance it",
        lambda by, row, reasons: actions.advance_reversal(by=by, reversal=row, reason=reasons),
        lambda by, row: reversing.short_refusal(row),
        Reasons,
        "The payer is refunded now, and the student's next releases repay it.",
        danger=True,
    ),
    Act(
        "to-payer",
        "Give it to the payer",
        lambda by, row, reasons: actions.refund_recovered(by=by, reversal=row, reason=reasons),
        lambda by, row: reversing.undecided_refusal(row),
        Reasons,
    ),
    Act(
        "to-student",
        "Give it to the student again",
        lambda by, row, reasons: actions.release_recovered(by=by, reversal=row, reason=reasons),
        lambda by, row: reversing.undecided_refusal(row),
        Reasons,
    ),
)

RECEIVABLE_ACTS = (
    Act(
        "write-off",
        "Write it off",
        lambda by, row, reasons: actions.write_off(by=by, receivable=row, reason=reasons),
        owing.write_off_refusal,
        Reasons,
        "Above the policy's limit the first moderator proposes it, and another one agrees by the same act.",
        danger=True,
    ),
)


# --- a refund ---------------------------------------------------------------------------------------------------

REFUND_ACTS = (
    Act(
        "resend",
        "Send it again",
        lambda by, row, reasons: actions.resend_refund(by=by, refund=row, reason=reasons),
        lambda by, row: resending.failed_refusal(row),
        Reasons,
    ),
    Act(
        "bank",
        "Record that it was paid by bank transfer",
        lambda by, row, reference, reasons: actions.record_bank_refund(
            by=by, refund=row, reference=reference, reason=reasons
        ),
        lambda by, row: resending.failed_refusal(row),
        BankForm,
    ),
    Act(
        "bear",
        "Let the platform bear it",
        lambda by, row, reasons: actions.bear_refund(by=by, refund=row, reason=reasons),
        lambda by, row: resending.bear_refusal(row),
        Reasons,
        "It was refunded at Stripe by hand although nothing was left here to refund.",
        danger=True,
    ),
)
