"""The forms of sponsoring. The actions judge once more, so that pages and programs get the same answer."""

from django import forms
from django.core.exceptions import ValidationError

from accounts.schools.models import School
from accounts.schools.queries import named
from accounts.skills.functions import Function
from marketplace.ground.fields import MoneyField, as_typed

from .models import Programme

MOST_SCHOOLS = 50


class TopUpForm(forms.Form):
    amount = MoneyField(
        label="Amount",
        help_text="At least $50. You pay on Stripe's page, by card or from a bank account.",
        error_messages={"required": "Write the amount."},
    )


class PayBackForm(forms.Form):
    amount = MoneyField(
        label="Amount",
        help_text="Goes back to the cards or accounts that it came from, the latest payment first.",
        error_messages={"required": "Write the amount."},
    )


class LowMarkForm(forms.Form):
    low_at = MoneyField(
        label="Tell us when less than this is free",
        zero=True,
        required=False,
        help_text="Leave it empty to be told nothing.",
    )


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self, **kwargs):
        super().__init__(format="%Y-%m-%d", **kwargs)


class ProgrammeForm(forms.Form):
    day = {"invalid": "Write the date as day, month and year.", "required": "Choose a date."}
    name = forms.CharField(max_length=80, help_text="Employers and students read it.")
    about = forms.CharField(
        label="What it is for",
        max_length=600,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "class": "area-s"}),
    )
    share = forms.IntegerField(
        label="Share of the student's pay that you pay",
        min_value=1,
        max_value=100,
        help_text="There is no fee on your share.",
    )
    budget = MoneyField(label="Budget", help_text="The most that this programme gives in all.")
    cap_project = MoneyField(label="Most per project", required=False)
    cap_student = MoneyField(label="Most per student", required=False)
    starts_on = forms.DateField(label="From", widget=DayInput(), error_messages=day)
    ends_on = forms.DateField(label="Until", widget=DayInput(), error_messages=day)
    approval = forms.ChoiceField(
        label="How requests are answered", choices=Programme.Approval.choices, widget=forms.RadioSelect
    )
    schools = forms.CharField(
        label="Schools",
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "class": "area-s"}),
        help_text="Who may draw on it: one school on each line, by its name or the end of its e-mail addresses, for "
        "example northgate.edu. Leave it empty for students of any school.",
    )
    first_timers_only = forms.BooleanField(label="Only students without a completed project", required=False)
    functions = forms.MultipleChoiceField(
        label="Functions",
        choices=Function.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="None ticked means all.",
    )
    verified_only = forms.BooleanField(label="Only verified employers", required=False)
    small_only = forms.BooleanField(label="Only employers of at most 50 people", required=False)
    hours_min = forms.DecimalField(label="Hours, at least", min_value=0, max_value=80, decimal_places=1)
    hours_max = forms.DecimalField(label="Hours, at most", min_value=0, max_value=80, decimal_places=1)
    hourly_min = MoneyField(label="Least pay per hour", zero=True, required=False)

    def __init__(self, *args, wallet, programme=None, **kwargs):
        self.wallet, self.programme = wallet, programme
        super().__init__(*args, initial=self._initial(programme), **kwargs)
        self.fields["share"].after = "%"

    def _initial(self, programme) -> dict:
        if programme is None:
            return {
                "approval": "each",
                "schools": self.wallet.school.name if self.wallet.school else "",
                "verified_only": True,
                "hours_min": "5",
                "hours_max": "40",
                "share": 100,
            }
        currency = self.wallet.currency
        plain = (
            *("name", "about", "starts_on", "ends_on", "approval", "first_timers_only", "functions"),
            *("verified_only", "small_only", "hours_min", "hours_max"),
        )
        amounts = ("budget", "cap_project", "cap_student", "hourly_min")
        return {
            **{name: getattr(programme, name) for name in plain},
            **{name: as_typed(getattr(programme, name), currency) for name in amounts},
            "share": programme.share_bp // 100,
            "schools": "\n".join(school.name for school in programme.schools.all()),
        }

    def clean_schools(self) -> list[School]:
        lines = [line.strip() for line in self.cleaned_data["schools"].splitlines() if line.strip()]
        if len(lines) > MOST_SCHOOLS:
            raise ValidationError(f"Name at most {MOST_SCHOOLS} schools, or leave it empty for all of them.")
        found = {line: named(line) for line in lines}
        unknown = [f"“{line[:60]}”" for line, school in found.items() if school is None]
        if unknown:
            raise ValidationError(
                f"We know no school called {', '.join(unknown)}. Write the end of its e-mail addresses instead, for "
                "example northgate.edu."
            )
        return list({school.pk: school for school in found.values()}.values())

    def data_for_action(self) -> dict:
        """The cleaned form as `save_programme` takes it."""
        found = dict(self.cleaned_data)
        found["share_bp"] = found.pop("share") * 100
        return found


class AskForm(forms.Form):
    programme = forms.CharField(widget=forms.HiddenInput)
    note = forms.CharField(
        label="Why it should be sponsored",
        required=False,
        max_length=600,
        widget=forms.Textarea(attrs={"rows": 3, "class": "area-s"}),
        help_text="The sponsor reads it with your brief.",
    )


class DeclineForm(forms.Form):
    reason = forms.CharField(
        label="Why not",
        max_length=600,
        widget=forms.Textarea(attrs={"rows": 3, "class": "area-s"}),
        help_text="The employer reads it.",
        error_messages={"required": "Say why, so that they know what to do next."},
    )
