"""What one check has found; a run collects them and keeps them as `Difference` rows."""

from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True)
class Finding:
    """`serious`: money is doubled or missing, and nothing more goes out in that currency until somebody looked.

    amount: minor units, what the world says or by how much it differs. at: when the thing happened.
    """

    key: str
    what: str
    cause: str
    amount: int = 0
    currency: str = ""
    at: datetime | None = None
    serious: bool = False


def moment(unix: int) -> datetime:
    return datetime.fromtimestamp(unix, UTC)
