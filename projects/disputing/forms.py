"""Forms of a dispute: they read and keep what was typed; the actions judge it."""

import re
from decimal import Decimal

from babel.numbers import get_currency_symbol
from django import forms

from marketplace.ground.money import MINUS, MoneyError, exponent, parse, show
from projects.hiring.models import Milestone
from projects.working.forms import FilesField

from .inputs import MAX_FILES, MAX_WORDS, SAY_WHY

NOTHING = re.compile(r"0+(\.0*)?")


class NetField(forms.CharField):
    """What a person types as money, 0 included; cleaned to minor units of `currency`."""

    def __init__(self, *, currency: str, **kwargs):
        self.currency = currency
        kwargs.setdefault("max_length", 20)
        kwargs.setdefault("error_messages", {"required": "Write an amount; 0 is possible, too."})
        super().__init__(
            widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}), **kwargs
        )
        self.before = get_currency_symbol(currency, locale="en_US")

    def clean(self, value):
        text = super().clean(value)
        bare = text.strip().removeprefix(self.before).removeprefix("$").strip()
        if NOTHING.fullmatch(bare):
            return 0
        if bare.startswith(("-", MINUS)):
            raise forms.ValidationError("The amount cannot be below zero.")
        try:
            return parse(bare, self.currency)
        except MoneyError as error:
            raise forms.ValidationError(str(error)) from error


def as_typed(amount: int, currency: str) -> str:
    """Minor units as a person would type them."""
    return f"{Decimal(amount).scaleb(-exponent(currency)):f}"


class StatementForm(forms.Form):
    """An amount for the student, why, and files."""

    def __init__(self, *args, milestone: Milestone, kind: str, for_student: bool, **kwargs):
        super().__init__(*args, **kwargs)
        currency = milestone.engagement.currency
        whole = show(milestone.net, currency)
        who = "you" if for_student else milestone.engagement.student.get_short_name()
        self.fields["amount"] = NetField(
            currency=currency,
            label=f"How much {who} should get of this milestone",
            help_text=f"From 0 to {whole}, the whole pay. The fee is taken only on what is paid, and the rest goes back "
            "to whoever paid it.",
        )
        self.fields["text"] = forms.CharField(
            label="Why",
            max_length=MAX_WORDS,
            widget=forms.Textarea(attrs={"rows": 7}),
            help_text="What was agreed, what was done, what is missing. The other side and a moderator read it.",
            error_messages={"required": SAY_WHY[kind]},
        )
        self.fields["files"] = FilesField(
            label="Add files",
            required=False,
            help_text=f"What shows it. Up to {MAX_FILES} files of at most 20 MB each. What was handed in and the "
            "messages are seen anyway.",
        )


class AppealForm(forms.Form):
    text = forms.CharField(
        label="What the decision got wrong",
        max_length=MAX_WORDS,
        widget=forms.Textarea(attrs={"rows": 7}),
        help_text="The other side and another moderator read it. That moderator can give more, less or the same.",
        error_messages={"required": SAY_WHY["appeal"]},
    )


class DecisionForm(forms.Form):
    """For the admin; the amount is judged against the milestone by the action."""

    amount = forms.CharField(
        label="Amount for the student, net",
        max_length=20,
        help_text="What the student gets of this milestone. 0 is possible. The fee is taken on it alone; the rest goes back.",
    )
    text = forms.CharField(
        label="Why",
        max_length=MAX_WORDS,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text="Both sides read this, word for word.",
        error_messages={"required": SAY_WHY["decision"]},
    )
