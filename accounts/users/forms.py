"""Joining: a form for e-mail and password, one for whoever comes from Google and the like; and one's settings."""

from allauth.account.adapter import get_adapter
from allauth.account.forms import SignupForm as PasswordSignupForm
from allauth.core import context
from allauth.socialaccount.forms import SignupForm as ProviderSignupForm
from django import forms
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse_lazy
from django.utils.functional import lazy
from django.utils.html import format_html

from marketplace.ground import clock, policy

from . import rules
from .signals import role_chosen

ROLES = [
    ("student", "I’m a student looking for paid projects"),
    ("employer", "I have a project to give someone"),
]


class DateInput(forms.DateInput):
    input_type = "date"

    def __init__(self, attrs=None):
        super().__init__(attrs, format="%Y-%m-%d")


class BirthdayField(forms.DateField):
    widget = DateInput(attrs={"autocomplete": "bday"})

    def __init__(self, **kwargs):
        kwargs.setdefault("label", "Date of birth")
        kwargs.setdefault("help_text", "Nobody else ever sees it. You need to be 18 or over.")
        super().__init__(
            **kwargs,
            error_messages={
                "required": "Enter your date of birth.",
                "invalid": "Write the date like 2004-05-31.",
            },
        )

    def clean(self, value):
        return rules.clean_birthday(super().clean(value))


class ZoneSelect(forms.Select):
    """A select that the browser fills with its own zone; the choice stays a choice without JavaScript."""

    class Media:
        js = ["js/zone.js"]


class ZoneField(forms.ChoiceField):
    def __init__(self, *, guess=False, **kwargs):
        widget = ZoneSelect(attrs={"data-guess-zone": ""} if guess else {})
        kwargs.setdefault("label", "Time zone")
        super().__init__(choices=rules.zone_choices, widget=widget, **kwargs)


class NameField(forms.CharField):
    def __init__(self, **kwargs):
        kwargs.setdefault("label", "Full name")
        super().__init__(
            max_length=120,
            widget=forms.TextInput(attrs={"autocomplete": "name"}),
            **kwargs,
            error_messages={"required": "Enter your name."},
        )

    def clean(self, value):
        return rules.clean_person_name(super().clean(value))


class WebAddressField(forms.CharField):
    """`acme.com` is what people type; the rest of the address is ours to add. The action judges it."""

    def __init__(self, **kwargs):
        widget = forms.TextInput(attrs={"inputmode": "url", "autocomplete": "url", "placeholder": "https://"})
        super().__init__(max_length=200, widget=widget, **kwargs)

    def clean(self, value):
        address = super().clean(value)
        return f"https://{address}" if address and "://" not in address else address


def _texts():
    return format_html(
        'Read the <a href="{}">terms of use</a> and the <a href="{}">privacy notice</a>.',
        reverse_lazy("terms"),
        reverse_lazy("privacy"),
    )


class TermsField(forms.BooleanField):
    def __init__(self):
        super().__init__(
            label="I agree to the terms, and I have read what happens to my data",
            help_text=lazy(_texts, str)(),
            error_messages={"required": "Please agree to the terms, or we cannot open an account."},
        )


class JoiningMixin:
    """What both ways to join ask besides the address."""

    PLACE = ("role", "name", "email", "password1", "date_of_birth", "zone", "terms", "website")

    def add_joining_fields(self):
        asked = context.request.GET.get("role", "") if context.request else ""
        self.fields["role"] = forms.ChoiceField(
            label="What brings you here?",
            choices=ROLES,
            widget=forms.RadioSelect,
            initial=asked if asked in dict(ROLES) else "student",
        )
        self.fields["name"] = NameField()
        self.fields["date_of_birth"] = BirthdayField()
        self.fields["zone"] = ZoneField(
            guess=True, initial=policy.current().zone, help_text="Every deadline is shown in your own time."
        )
        self.fields["terms"] = TermsField()
        self.fields["email"].label = "E-mail"
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)
        self.order_fields(self.PLACE)

    def fill(self, user):
        """Put what was asked on the person before the first save."""
        user.name, user.date_of_birth = self.cleaned_data["name"], self.cleaned_data["date_of_birth"]
        user.zone, user.terms_accepted_at = self.cleaned_data["zone"], clock.now()

    def custom_signup(self, request, user):
        role = self.cleaned_data["role"]
        request.session["wanted_role"] = role
        role_chosen.send(sender=type(user), user=user, role=role)
        super().custom_signup(request, user)


class SignupForm(JoiningMixin, PasswordSignupForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.add_joining_fields()
        self.fields["email"].help_text = "We send a code there, so that nobody can join in your name."
        self.fields["email"].error_messages |= {
            "required": "Enter your e-mail address.",
            "invalid": "Write the address like amara@example.com.",
        }
        if "password1" in self.fields:
            self.fields["password1"].help_text = "Ten characters or more. Three unrelated words work well."
            self.fields["password1"].error_messages["required"] = "Choose a password."
        # A trap for programs that fill in every field. The stylesheet hides it (an inline style would be
        # refused by our policy and so show it), and its label tells whoever meets it what to do.
        trap = self.fields["website"]
        trap.label = "Leave this empty"
        trap.widget.attrs = {"tabindex": "-1", "autocomplete": "off", "class": "trap"}

    def clean(self):
        data = super().clean()
        password = self.cleaned_data.get("password1")
        if password and "password1" not in self.errors:
            almost = get_user_model()(email=data.get("email", ""), name=data.get("name", ""))
            try:
                get_adapter().clean_password(password, user=almost)
            except ValidationError as error:
                self.add_error("password1", error)
        return data

    def try_save(self, request):
        """A known address, a second click, a filled trap: all are answered alike, and take as long."""
        if self.account_already_exists or self.cleaned_data.get("website"):
            get_user_model()().set_password(
                self.cleaned_data.get("password1")
            )  # the same work as for a new account
            return super().try_save(request)
        try:
            with transaction.atomic():
                return super().try_save(request)
        except IntegrityError:  # the other click of a double click was first
            self.account_already_exists = True
            return super().try_save(request)


class SocialSignupForm(JoiningMixin, ProviderSignupForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.add_joining_fields()
        self.fields["name"].initial = self.sociallogin.user.name
        if any(address.verified for address in self.sociallogin.email_addresses):
            self.fields["email"].disabled = True  # theirs is confirmed, so no other one is taken from here
            self.fields[
                "email"
            ].help_text = f"From {self.sociallogin.provider.name}. You can change it later."

    def try_save(self, request):
        try:
            with transaction.atomic():
                return super().try_save(request)
        except IntegrityError:
            self.account_already_exists = True
            return super().try_save(request)


class ChooseForm(forms.Form):
    """For whoever is signed in and has no role yet; asks only what we do not know."""

    role = forms.ChoiceField(label="What brings you here?", choices=ROLES, widget=forms.RadioSelect)
    date_of_birth = BirthdayField()
    terms = TermsField()

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        if user.date_of_birth:
            del self.fields["date_of_birth"]
        if user.terms_accepted_at:
            del self.fields["terms"]


class SettingsForm(forms.Form):
    name = NameField(help_text="This is what people you work with read.")
    zone = ZoneField(
        help_text="Every deadline is shown in this zone, and no reminder comes between 22:00 and 7:00 there."
    )


class DeleteForm(forms.Form):
    sure = forms.BooleanField(
        label="I understand that this cannot be undone",
        error_messages={"required": "Tick this if you want your account to go."},
    )
