from .books.models import BillingDetails, Document  # noqa: F401
from .connect.models import PayeeAccount, Payout  # noqa: F401
from .disputes.models import Dispute, FraudWarning  # noqa: F401
from .holds.models import (  # noqa: F401
    Funding,
    Hold,
    PaperCounter,
    Part,
    Receipt,
    Refund,
    RefundLine,
    Release,
)
from .holds.recovery import FrozenLine, Receivable, Repayment, Reversal  # noqa: F401
from .holds.sponsors import SponsorReturn  # noqa: F401
from .ledger.models import LedgerAccount, LedgerEntry, LedgerTransaction  # noqa: F401
from .payers.models import Payer, PaymentMethod  # noqa: F401
from .reconciling.models import Difference  # noqa: F401
from .stripe.models import BalanceLine, Call, Cursor, Event, Install, Reconciliation, Stop  # noqa: F401
from .wallets.models import Lot, Payback, Wallet  # noqa: F401
