"""What a person types as money in a form, and money as a person would type it."""

import re

from babel.numbers import get_currency_symbol
from django import forms

from .errors import Invalid
from .money import MINUS, MoneyError, exponent, parse

NOTHING = re.compile(r"0+(\.0*)?")


class MoneyField(forms.CharField):
    """Cleaned to minor units of `currency`; left empty where it may be: None, or 0 where `zero` is an amount, too."""

    def __init__(self, *, currency: str = "USD", zero: bool = False, **kwargs):
        self.zero = zero
        self.in_currency(currency)
        kwargs.setdefault("max_length", 20)
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}))
        super().__init__(**kwargs)

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

    def in_currency(self, currency: str) -> None:
        """For a form that learns the currency from what it is about."""
        self.currency, self.before = currency, get_currency_symbol(currency, locale="en_US")


def minor(text: str, currency: str, field: str = "amount", zero: bool = False) -> int:
    """What somebody typed where no form was, in minor units; 0 for nothing typed where `zero` is an amount.
    Raises `Invalid` beside `field`.
    """
    try:
        return MoneyField(currency=currency, zero=zero, required=not zero).clean(text)
    except forms.ValidationError as error:
        raise Invalid({field: error.messages}) from error


def as_typed(amount: int | None, currency: str) -> str:
    """Minor units as a person would type them: 64000 -> `640`, 64050 -> `640.50`."""
    if amount is None:
        return ""
    digits = exponent(currency)
    whole, rest = divmod(amount, 10**digits)
    return f"{whole}.{rest:0{digits}d}" if rest else str(whole)
