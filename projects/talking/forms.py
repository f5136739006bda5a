from django import forms

from .actions import MAX_TEXT


class MessageForm(forms.Form):
    text = forms.CharField(
        label="Write a message",
        max_length=MAX_TEXT,
        widget=forms.Textarea(attrs={"class": "area-s", "rows": 3}),
        error_messages={"required": "Write something first."},
    )
    form_token = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["text"].counter = False
