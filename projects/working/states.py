"""The life of a request for more time, as data."""

from django.db import models


class ExtensionState(models.TextChoices):
    ASKED = "asked", "Waiting for an answer"
    GRANTED = "granted", "Granted"
    REFUSED = "refused", "Refused"
    WITHDRAWN = "withdrawn", "No longer needed"


EXTENSION_MOVES = {
    ExtensionState.ASKED: {ExtensionState.GRANTED, ExtensionState.REFUSED, ExtensionState.WITHDRAWN},
    ExtensionState.GRANTED: set(),
    ExtensionState.REFUSED: set(),
    ExtensionState.WITHDRAWN: set(),
}
