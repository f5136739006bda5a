"""Asking and answering."""

from django import forms

from .actions import MAX_NOTE
from .states import NoReason


class InviteForm(forms.Form):
    note = forms.CharField(
        label="A note",
        required=False,
        max_length=MAX_NOTE,
        widget=forms.Textarea(attrs={"rows": 5, "class": "area-s"}),
        help_text="Why you think of this student for this project. They read it together with the brief.",
        error_messages={"max_length": f"The most is {MAX_NOTE} characters."},
    )


class NoForm(forms.Form):
    reason = forms.ChoiceField(
        label="Why not?",
        required=False,
        choices=[("", "I would rather not say"), *NoReason.choices],
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": "Choose one of the reasons, or none."},
    )
    block = forms.BooleanField(
        label="No more invitations from this employer",
        required=False,
        help_text="You are not shown in its lists either. You can change this under Invitations.",
    )
