"""The student's net of a posting as the database computes it, to the same unit as `marketplace.ground.money.fee`."""

from django.db.models import BigIntegerField, DecimalField, F, Value
from django.db.models.functions import Cast, Floor, Mod, NullIf

_PRICE = Cast(F("price"), BigIntegerField())
_UNITS = _PRICE * F("fee_bp")  # the fee in ten-thousandths of a minor unit
_ODD = Mod(_UNITS / Value(10_000), Value(2), output_field=BigIntegerField())
# Whole numbers divide to whole numbers in PostgreSQL. Half a unit goes up only onto an even one.
NET = _PRICE - (_UNITS + Value(4_999) + _ODD) / Value(10_000)
_HOURS = NullIf(F("hours"), Value(0, output_field=DecimalField(max_digits=5, decimal_places=1)))
HOURLY_NET = Cast(Floor(Cast(NET, DecimalField(max_digits=12, decimal_places=0)) / _HOURS), BigIntegerField())
