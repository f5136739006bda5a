"""Forms of a dispute: they read and keep what was typed; the actions judge it."""

from django import forms

from marketplace.ground.fields import MoneyField
from marketplace.ground.money import show
from projects.hiring.models import Milestone
from projects.working.forms import FilesField

from .inputs import MAX_FILES, MAX_WORDS, SAY_WHY


class StatementForm(forms.Form):
    """An amount for the student, why, and files."""

    def __init__(self, *args, milestone: Milestone, kind: str, for_student: bool, **kwargs):
        super().__init__(*args, **kwargs)
        currency = milestone.engagement.currency
        whole = show(milestone.net, currency)
        who = "you" if for_student else milestone.engagement.student.get_short_name()
        self.fields["amount"] = MoneyField(
            currency=currency,
            zero=True,
            error_messages={"required": "Write an amount; 0 is possible, too."},
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
