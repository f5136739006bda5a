"""What Stripe keeps of a payment, read from the payment's own balance line."""

from ...ledger.actions import post
from ...ledger.chart import code


def post_stripe_fee(charge: dict, ref: str) -> None:
    """Post the fee that the expanded balance transaction of `charge` names, once; nothing when it names none."""
    line = charge.get("balance_transaction")
    if isinstance(line, dict) and line.get("fee"):
        currency = line["currency"].upper()
        post(
            "stripe_fee",
            f"bt:{line['id']}:fee",
            [(code("stripe_fee", currency), line["fee"]), (code("stripe_balance", currency), -line["fee"])],
            currency=currency,
            ref=ref,
        )
