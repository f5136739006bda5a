"""The forms of hiring. The actions judge once more, so that pages and programs get the same answer."""

from django import forms

from .actions.offers import MAX_MESSAGE, MAX_NOTE
from .actions.repeats import MAX_WHY


class DateInput(forms.DateInput):
    input_type = "date"

    def __init__(self, **kwargs):
        super().__init__(format="%Y-%m-%d", **kwargs)


class OfferForm(forms.Form):
    wrong = {"invalid": "Write the date as day, month and year.", "required": "Choose a date."}
    start_on = forms.DateField(label="Start", widget=DateInput(), error_messages=wrong)
    due_on = forms.DateField(label="Done by", widget=DateInput(), error_messages=wrong)
    message = forms.CharField(
        label="A few words to go with it",
        required=False,
        max_length=MAX_MESSAGE,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="What convinced you, and what happens on the first day.",
        error_messages={"max_length": f"The most is {MAX_MESSAGE} characters."},
    )


class DeclineOfferForm(forms.Form):
    note = forms.CharField(
        label="What made you decide",
        required=False,
        max_length=MAX_NOTE,
        widget=forms.Textarea(attrs={"rows": 3, "class": "area-s"}),
        help_text="They read it.",
        error_messages={"max_length": f"The most is {MAX_NOTE} characters."},
    )


class RepeatForm(forms.Form):
    why = forms.CharField(
        label="Why the same person again",
        max_length=MAX_WHY,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="A moderator reads it, with what you have done together so far.",
        error_messages={
            "required": "Say why, so that a moderator can judge it.",
            "max_length": f"The most is {MAX_WHY} characters.",
        },
    )
