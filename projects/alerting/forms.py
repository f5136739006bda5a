"""Saving a search and changing one."""

from django import forms

from .actions import MAX_NAME
from .models import SavedSearch


class SearchForm(forms.Form):
    name = forms.CharField(
        max_length=MAX_NAME,
        help_text="So that you recognise it in a mail.",
        error_messages={"required": "Give it a name that you will recognise."},
    )
    how = forms.ChoiceField(
        label="Tell me",
        choices=SavedSearch.How.choices,
        widget=forms.RadioSelect(attrs={"class": "choices--row"}),
        initial=SavedSearch.How.DAILY,
        error_messages={"required": "Choose how often.", "invalid_choice": "Choose one of the four."},
    )
