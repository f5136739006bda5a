"""The pages of an organisation, one small form each."""

from django import forms

from accounts.users.forms import WebAddressField

from .models import Membership, Organisation, Proof


class OrganisationForm(forms.Form):
    name = forms.CharField(
        label="Name of the organisation",
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
        help_text="As students should read it.",
        error_messages={"required": "Enter the name."},
    )
    website = WebAddressField(
        label="Website",
        required=False,
        help_text="An e-mail address at the same domain proves who you are at once.",
    )
    about = forms.CharField(
        label="What you do",
        max_length=1500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="Two or three plain sentences. Students read this before they apply.",
    )
    sector = forms.CharField(
        label="Field",
        max_length=80,
        required=False,
        widget=forms.TextInput(attrs={"placeholder": "Food, health, software"}),
    )
    size = forms.ChoiceField(
        label="Size", choices=[("", "Choose one"), *Organisation.Size.choices], required=False
    )
    place = forms.CharField(label="Town or city", max_length=120, required=False)


class LogoForm(forms.Form):
    logo = forms.FileField(
        label="Choose a picture",
        help_text="PNG, WebP or JPEG, square if you can. It is shown at 64 pixels and less.",
        error_messages={"required": "Choose a picture first.", "empty": "This file is empty."},
    )


class InviteForm(forms.Form):
    email = forms.EmailField(
        label="Their e-mail address",
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        error_messages={
            "required": "Write an address.",
            "invalid": "Write the address like maya@example.com.",
        },
    )
    role = forms.ChoiceField(
        label="They join as",
        choices=[(role.value, role.label) for role in (Membership.Role.MANAGER, Membership.Role.OWNER)],
        initial=Membership.Role.MANAGER,
        widget=forms.RadioSelect,
        help_text=(
            "Managers post projects, choose students and approve work. Owners also manage members and money."
        ),
    )

    def __init__(self, *args, may_invite_owner=True, **kwargs):
        super().__init__(*args, **kwargs)
        if (
            not may_invite_owner
        ):  # the choice is not offered; the action refuses whoever posts it all the same
            self.fields["role"].widget = forms.HiddenInput()


class ProofForm(forms.Form):
    kind = forms.ChoiceField(
        choices=[(Proof.Kind.DOMAIN, "domain"), (Proof.Kind.REGISTRY, "registry")], widget=forms.HiddenInput()
    )
    detail = forms.CharField(
        label="Registry and number",
        max_length=200,
        help_text="For example: Companies House 01234567, or EIN 12-3456789.",
        error_messages={"required": "Write the number and the register."},
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.data.get("kind") == Proof.Kind.DOMAIN:  # the address is known; there is nothing to write
            self.fields["detail"].required = False
