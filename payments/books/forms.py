"""The one form of billing."""

from django import forms


class DetailsForm(forms.Form):
    name = forms.CharField(
        label="Name on invoices",
        max_length=160,
        help_text="The legal name, as your bookkeeper wants to read it.",
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
        error_messages={"required": "Write the name that invoices are made out to."},
    )
    address = forms.CharField(
        label="Address",
        max_length=400,
        help_text="Street, town, postal code and country, each on its own line.",
        widget=forms.Textarea(attrs={"rows": 4, "autocomplete": "street-address"}),
        error_messages={"required": "Write the address that invoices are made out to."},
    )
    tax_id = forms.CharField(label="Tax or VAT number", max_length=40, required=False)
    po_number = forms.CharField(
        label="Purchase order number",
        max_length=40,
        required=False,
        help_text="Stands on every invoice from now on, until you change it.",
    )
