"""What a person types as money in a form, and money as a person would type it."""

import re
from decimal import Decimal

from babel.numbers import get_currency_symbol
from django import forms

from .money import MINUS, MoneyError, exponent, parse

NOTHING = re.compile(r"0+(\.0*)?")


class MoneyField(forms.CharField):
    """Cleaned to minor units of `currency`; left empty where it may be: None, or 0 where `zero` is an amount, too."""

    def __init__(self, *, currency: str = "USD", zero: bool = False, **kwargs):
        self.currency, self.zero = currency, zero
        kwargs.setdefault("max_length", 20)
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}))
        super().__init__(**kwargs)
        self.before = get_currency_symbol(currency, locale="en_US")

    def clean(self, value):
        text = super().clean(value).strip()
        if not text:
            return 0 if self.zero else None
        bare = text.removeprefix(self.before).strip()
        if self.zero and NOTHING.fullmatch(bare):
            return 0
        if self.zero and bare.startswith(("-", MINUS)):
            raise forms.ValidationError("The amount cannot be below zero.")
        try:
            return parse(text if self.before == "$" else bare, self.currency)
        except MoneyError as error:
            raise forms.ValidationError(str(error)) from error


def as_typed(amount: int | None, currency: str) -> str:
    """Minor units as a person would type them."""
    return "" if amount is None else f"{Decimal(amount).scaleb(-exponent(currency)):f}"
