from .books.models import BillingDetails, Document, DocumentCounter  # noqa: F401
from .connect.models import PayeeAccount, Payout  # noqa: F401
from .disputes.models import Dispute, FraudWarning  # noqa: F401
from .holds.models import Funding, Hold, Part, Receipt, ReceiptCounter, Refund, RefundLine, Release  # noqa: F401
from .holds.recovery import FrozenLine, Receivable, Repayment, Reversal  # noqa: F401
from .ledger.models import LedgerAccount, LedgerEntry, LedgerTransaction  # noqa: F401
from .stripe.models import BalanceLine, Call, Cursor, Event, Install, Reconciliation  # noqa: F401
