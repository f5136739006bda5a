"""The student's net of a posting as the database computes it, to the same unit as `marketplace.ground.money.fee`."""

from django.db.models import BigIntegerField, Case, DecimalField, F, Value, When
from django.db.models.functions import Cast, Floor, Mod, NullIf

#: The currencies for which `money.step` is 10; written out, because a column of the database stays as it was made.
THREE_DECIMALS = ("BHD", "JOD", "KWD", "LYD", "OMR", "TND")
_STEP = Case(
    When(currency__in=THREE_DECIMALS, then=Value(10)), default=Value(1), output_field=BigIntegerField()
)
_PRICE = Cast(F("price"), BigIntegerField())
_UNITS = _PRICE * F("fee_bp")  # the fee in ten-thousandths of a minor unit
_WHOLE = _STEP * Value(10_000)
_ODD = Mod(_UNITS / _WHOLE, Value(2), output_field=BigIntegerField())
# Whole numbers divide to whole numbers in PostgreSQL. Half a step goes up only onto an even one.
NET = _PRICE - (_UNITS + _STEP * Value(5_000) - Value(1) + _ODD) / _WHOLE * _STEP
_HOURS = NullIf(F("hours"), Value(0, output_field=DecimalField(max_digits=5, decimal_places=1)))
HOURLY_NET = Cast(Floor(Cast(NET, DecimalField(max_digits=12, decimal_places=0)) / _HOURS), BigIntegerField())
