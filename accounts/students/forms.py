"""The pages of a student's profile, one small form each."""

from django import forms

from accounts.skills.functions import Function
from accounts.users.forms import WebAddressField
from marketplace.ground import policy

from .models import StudentProfile, StudentSkill


class AboutForm(forms.Form):
    headline = forms.CharField(
        max_length=120,
        required=False,
        help_text="One line, for example: second-year economist who likes messy spreadsheets.",
    )
    about = forms.CharField(
        label="About you",
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="Two or three sentences of your own. What do you do well, and what do you want to try?",
    )
    programme = forms.CharField(
        label="What you study", max_length=120, required=False, help_text="For example: BSc Economics."
    )
    graduates_in = forms.IntegerField(
        label="Year you finish",
        required=False,
        error_messages={"invalid": "Write the year with four digits."},
    )
    hours_free = forms.IntegerField(
        label="Hours a week you have free",
        min_value=0,
        max_value=40,
        error_messages={
            "required": "Write how many hours, 0 if none.",
            "invalid": "Write a whole number of hours.",
        },
    )
    interests = forms.MultipleChoiceField(
        label="What would you like to do?",
        choices=Function.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "choices--cols"}),
        help_text="We tell you about these first. You can apply to everything.",
    )
    place = forms.CharField(
        label="Town or city",
        max_length=120,
        required=False,
        help_text="For projects that are partly on site. Leave it empty and we show you all of them.",
    )
    website = WebAddressField(label="Your website or code", required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        rules = policy.current()
        hours = self.fields["hours_free"]
        hours.after = "hours"
        warn, most = rules.weekly_hours_warn, rules.weekly_hours_max
        hours.help_text = f"We warn you above {warn} hours of planned work a week; {most} is the most."
        for name in ("hours_free", "graduates_in"):
            self.fields[name].widget.attrs["class"] = "input input--fit w-s"


class PrivateForm(forms.Form):
    may_work = forms.ChoiceField(
        label="May you work in the country this site is for?",
        choices=StudentProfile.Answer.choices,
        widget=forms.RadioSelect,
    )
    needs_sponsor = forms.ChoiceField(
        label="Would an employer have to sponsor a visa for you?",
        choices=StudentProfile.Answer.choices,
        widget=forms.RadioSelect,
    )
    needs_school_sign_off = forms.BooleanField(
        label="My school has to sign off on work like this",
        required=False,
        help_text="For example for CPT. You may then hold an offer longer; the employer sees only the date.",
    )


class VisibilityForm(forms.Form):
    open_to_invitations = forms.BooleanField(
        label="Employers may find and invite me",
        required=False,
        help_text="Verified employers see your skills, your hours and what you finished here, without your name. Who "
        "invites you sees your name, headline and school. Never your e-mail or your private answers.",
    )
    portfolio_on = forms.BooleanField(
        label="Show my portfolio page to everybody",
        required=False,
        help_text="Projects you finished here, what employers wrote, and what you allow to be shown.",
    )


class SkillForm(forms.Form):
    name = forms.CharField(
        label="Skill",
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off", "list": "skill-names"}),
        help_text="Start typing. A word that we do not know is fine; somebody will sort it in.",
        error_messages={"required": "Write the name of the skill."},
    )
    level = forms.ChoiceField(
        label="How well?", choices=StudentSkill.Level.choices, initial=StudentSkill.Level.ABLE
    )
    evidence = forms.CharField(
        label="Where did you use it?",
        max_length=200,
        required=False,
        help_text="A course, a club, a weekend project. One line.",
    )


class ResumeForm(forms.Form):
    resume = forms.FileField(
        label="Choose your résumé",
        help_text="PDF, DOCX or ODT, at most 20 MB.",
        error_messages={"required": "Choose a file first.", "empty": "This file is empty."},
    )


class SchoolForm(forms.Form):
    email = forms.EmailField(
        label="Your school address",
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        help_text="We send a code there. It becomes no way to sign in and is never shown.",
        error_messages={
            "required": "Write your school address.",
            "invalid": "Write the address like amara@school.edu.",
        },
    )


class CodeForm(forms.Form):
    code = forms.CharField(
        label="The code we sent",
        max_length=20,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "class": "input--code"}
        ),
        error_messages={"required": "Type in the code from the mail."},
    )
