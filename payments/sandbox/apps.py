from django.apps import AppConfig


class SandboxConfig(AppConfig):
    """Offline Stripe: enough of it to run the demo and the tests with no account, as a process of its own."""

    name = "payments.sandbox"
    label = "sandbox"
    verbose_name = "Offline Stripe"
