from django import forms

from .actions import MAX_TEXT
from .models import Report


class ReportForm(forms.Form):
    reason = forms.ChoiceField(
        label="What is wrong",
        choices=Report.Reason.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what is wrong."},
    )
    text = forms.CharField(
        label="What happened",
        required=False,
        max_length=MAX_TEXT,
        widget=forms.Textarea,
        help_text="Name the sentence or the moment, so that a moderator can find it. "
        "The other side never learns who reported it.",
    )
