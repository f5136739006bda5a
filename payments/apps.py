from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    name = "payments"
    verbose_name = "Money"

    def ready(self):
        # What Stripe's answers and events mean is registered by the rooms that own the rows.
        from . import checks, effects  # noqa: F401
        from .books import listeners  # noqa: F401

        checks.refuse_to_start()
        from accounts.users import mfa

        from .connect.queries import has_payout_method

        mfa.register(has_payout_method)
