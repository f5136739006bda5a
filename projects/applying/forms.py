"""The forms of applying. The actions judge once more, so that pages and programs get the same answer."""

from django import forms

from .actions import MAX_NOTE, MAX_PITCH, MAX_WORDS
from .states import EMPLOYER_REASONS

PREFIX = "answer_"


class ApplicationForm(forms.Form):
    """One text to say why, and one for each question of the project."""

    def __init__(self, *args, questions=(), first="", **kwargs):
        super().__init__(*args, **kwargs)
        for question in questions:
            field = forms.CharField(
                label=question.text,
                required=True,
                widget=forms.Textarea(attrs={"rows": 6}),
                error_messages={"required": "Write a few sentences. Even a rough plan tells them a lot."},
            )
            field.max_words = MAX_WORDS
            self.fields[f"{PREFIX}{question.public_id}"] = field
        self.fields["pitch"] = forms.CharField(
            label="Why this project",
            required=not questions,
            max_length=MAX_PITCH,
            widget=forms.Textarea(attrs={"rows": 6}),
            help_text="What you bring, and what you would like to learn. Coursework and side projects count.",
            error_messages={
                "required": "Say in a few sentences why this project suits you.",
                "max_length": f"The most is {MAX_PITCH} characters.",
            },
        )

    @property
    def question_fields(self):
        return [self[name] for name in self.fields if name.startswith(PREFIX)]


def typed(data) -> tuple[str, dict[str, str]]:
    """(pitch, answers by question) of whatever was posted, for drafts that need not be complete."""
    answers = {key.removeprefix(PREFIX): data.get(key, "") for key in data if key.startswith(PREFIX)}
    return data.get("pitch", ""), answers


class DeclineForm(forms.Form):
    reason = forms.ChoiceField(
        label="What is the main reason?",
        choices=[(r.value, r.label) for r in EMPLOYER_REASONS],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose the main reason.", "invalid_choice": "Choose the main reason."},
    )
    note = forms.CharField(
        label="One thing that would help them next time",
        required=False,
        max_length=MAX_NOTE,
        widget=forms.Textarea(attrs={"rows": 4, "class": "area-s"}),
        error_messages={"max_length": f"The most is {MAX_NOTE} characters."},
    )


def refill(form: forms.Form, error) -> None:
    """Put what an action found (`Invalid`) beside the fields of `form`."""
    for field, messages in error.message_dict.items():
        for message in messages:
            if not form.has_error(field):
                form.add_error(field if field in form.fields else None, message)
