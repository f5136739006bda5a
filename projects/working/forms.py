"""Forms of the workspace: they read and keep what was typed; the actions judge it."""

from django import forms

from marketplace.ground.errors import Invalid
from projects.posting.models import AiRule

from .inputs import MAX_AI_NOTE, MAX_FILES, MAX_NOTE


def add_errors(form: forms.Form, error: Invalid) -> None:
    """Put what an action refused beside the fields it names; what has no field here goes above the form."""
    for field, problems in error.message_dict.items():
        for problem in problems:
            form.add_error(field if field in form.fields else None, problem)


def lines(text: str) -> list[str]:
    return [line.strip() for line in (text or "").splitlines() if line.strip()]


class FilesInput(forms.FileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several uploads as a list; each is judged by the action."""

    widget = FilesInput

    def clean(self, data, initial=None):
        given = data if isinstance(data, list | tuple) else [data] if data else []
        return [upload for upload in given if upload]


class SubmitForm(forms.Form):
    files = FilesField(
        label="Add files",
        required=False,
        help_text=(f"Drop them here or choose them. Up to {MAX_FILES} files of at most 20 MB each."),
    )
    links = forms.CharField(
        label="Links",
        required=False,
        widget=forms.Textarea(attrs={"class": "area-s", "rows": 2}),
        help_text="One a line, starting with https://. Check that the other side may open them.",
    )
    note = forms.CharField(
        label="A note",
        required=False,
        max_length=MAX_NOTE,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="What you are handing in, and what to look at first.",
    )
    ai_note = forms.CharField(
        label="Where you used AI tools",
        max_length=MAX_AI_NOTE,
        required=False,
        widget=forms.Textarea(attrs={"class": "area-s", "rows": 2}),
        help_text="The agreement asks for this. Write “none” if you used none. Assistive technology never counts.",
    )
    hours = forms.CharField(
        label="Hours this took you",
        required=False,
        help_text="So that the next estimate is better.",
        widget=forms.TextInput(attrs={"inputmode": "decimal", "class": "input--fit"}),
    )

    def __init__(self, *args, rule: AiRule, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["hours"].after = "hours"
        if rule == AiRule.DISCLOSE:
            # Required in the eyes of the reader; the action says so in its own words.
            self.fields["ai_note"].required = True
            self.fields["ai_note"].error_messages["required"] = (
                "Say where you used AI tools, or write that you used none."
            )
        else:
            del self.fields["ai_note"]

    def work(self) -> dict:
        """The cleaned data as `submit_work` takes it."""
        data = self.cleaned_data
        return {
            "note": data["note"],
            "links": lines(data["links"]),
            "files": data["files"],
            "ai_note": data.get("ai_note", ""),
            "hours": data["hours"],
        }


class ChangesForm(forms.Form):
    points = forms.CharField(
        label="What has to change",
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="One change a line, up to ten. Say what you would like to see instead.",
        error_messages={"required": "Say what to change, one point at a time."},
    )

    def clean_points(self):
        return lines(self.cleaned_data["points"])


class ExtensionForm(forms.Form):
    until = forms.DateField(
        label="New date", widget=forms.DateInput(attrs={"type": "date", "class": "input--fit"})
    )
    reason = forms.CharField(
        label="Why", max_length=500, widget=forms.Textarea(attrs={"class": "area-s", "rows": 3})
    )

    def __init__(self, *args, first, last, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["until"].widget.attrs.update(min=first.isoformat(), max=last.isoformat())
        self.fields["until"].help_text = f"From {first:%-d %B} to {last:%-d %B}."


class AnswerForm(forms.Form):
    note = forms.CharField(
        label="A word about it",
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"class": "area-s", "rows": 2}),
    )
    grant = forms.ChoiceField(choices=[("yes", "Grant it"), ("no", "Keep the date")])


class CancelForm(forms.Form):
    note = forms.CharField(
        label="Why",
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"class": "area-s", "rows": 3}),
        help_text="The other side reads this.",
    )
    sure = forms.BooleanField(
        label="I have read what this comes to",
        error_messages={"required": "Tick this once you have read what it comes to."},
    )
