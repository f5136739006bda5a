from django import forms

from .actions import MAX_TEXT

SCORES = [("5", "5, very good"), ("4", "4, good"), ("3", "3, all right"), ("2", "2, poor"), ("1", "1, bad")]


class ReviewForm(forms.Form):
    score = forms.TypedChoiceField(
        label="How was it to work together",
        choices=SCORES,
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose one of the five.", "invalid_choice": "Choose one of the five."},
    )
    again = forms.TypedChoiceField(
        label="Would you work together again",
        choices=[("yes", "Yes"), ("no", "No")],
        coerce=lambda v: v == "yes",
        widget=forms.RadioSelect(attrs={"class": "choices--row"}),
        error_messages={"required": "Say yes or no.", "invalid_choice": "Say yes or no."},
    )
    text = forms.CharField(
        label="In your words",
        required=False,
        max_length=MAX_TEXT,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="What went well, and what the next person should know. Everybody can read it once it is public.",
    )
