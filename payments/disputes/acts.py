"""A moderator's decisions about questioned payments, as buttons on the rows' pages."""

from django import forms

from marketplace.ground.acting import Act
from marketplace.ground.errors import Invalid, WrongMoment
from marketplace.ground.fields import minor

from ..holds.acts import Reasons
from ..holds.models import Release
from ..stripe import gateway
from . import actions
from .actions import deciding, evidence, warnings


class EvidenceForm(forms.Form):
    """One field for each text that Stripe passes on to the bank."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, label in evidence.FIELDS.items():
            short = name in ("customer_name", "customer_email_address", "service_date")
            widget = forms.TextInput() if short else forms.Textarea(attrs={"rows": 5})
            self.fields[name] = forms.CharField(
                label=label, required=False, max_length=evidence.LONGEST, widget=widget
            )


class TakeBackForm(Reasons):
    release = forms.CharField(max_length=12, help_text="The id of the release, from its page.")
    amount = forms.CharField(max_length=20, help_text="Gross: the fee's share included.")
    field_order = ["release", "amount", "reasons"]


class StopReleaseForm(Reasons):
    release = forms.CharField(max_length=12, help_text="The id of the release, from its page.")
    field_order = ["release", "reasons"]


def _release(public_id: str) -> Release:
    found = Release.objects.select_related("part").filter(public_id=public_id.strip()).first()
    if found is None:
        raise Invalid({"release": ["There is no release with this id."]})
    return found


def _take_back(by, dispute, release, amount, reasons):
    wanted = minor(amount, dispute.currency)
    actions.take_back_for(by=by, dispute=dispute, release=_release(release), amount=wanted, reason=reasons)


def _read_again(by, dispute):
    try:
        actions.sync_dispute(dispute.stripe_id)
    except gateway.StripeTrouble as error:
        raise WrongMoment(
            "Stripe does not answer at the moment. Please try again in a few minutes."
        ) from error


DISPUTE_ACTS = (
    Act(
        "edit",
        "Edit the answer to the bank",
        lambda by, dispute, **texts: actions.save_evidence(by=by, dispute=dispute, evidence=texts),
        evidence.answer_refusal,
        EvidenceForm,
        "It is kept here. Nothing is sent yet.",
        initial=lambda dispute: dispute.evidence,
    ),
    Act(
        "send",
        "Send the answer to the bank",
        lambda by, dispute, **texts: actions.submit_evidence(by=by, dispute=dispute, evidence=texts),
        evidence.answer_refusal,
        EvidenceForm,
        "Banks take one answer only. Nobody can change it afterwards.",
        danger=True,
        initial=lambda dispute: dispute.evidence,
    ),
    Act(
        "take-back",
        "Take released money back for it",
        _take_back,
        deciding.take_back_refusal,
        TakeBackForm,
        "Won, the student gets it again by itself. Lost, it covers what the bank keeps.",
        danger=True,
    ),
    Act(
        "stop-release",
        "Stop a release that has not been sent",
        lambda by, dispute, release, reasons: actions.stop_release(
            by=by, dispute=dispute, release=_release(release), reason=reasons
        ),
        deciding.take_back_refusal,
        StopReleaseForm,
        danger=True,
    ),
    Act("read", "Read it at Stripe again", _read_again),
)

WARNING_ACTS = (
    Act(
        "dismiss",
        "The payment is in order",
        lambda by, warning, reasons: actions.dismiss_warning(by=by, warning=warning, reason=reasons),
        warnings.decision_refusal,
        Reasons,
        "The money goes on.",
    ),
    Act(
        "refund",
        "Refund what is not released",
        lambda by, warning, reasons: actions.refund_warned(by=by, warning=warning, reason=reasons),
        warnings.decision_refusal,
        Reasons,
        "It goes back to the card, and the engagement ends.",
        danger=True,
    ),
)
