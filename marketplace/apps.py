from django.apps import AppConfig


class RoofConfig(AppConfig):
    """The roof ties the apps together: addresses, landing, admin, demo world, template words. No tables."""

    name = "marketplace"
    label = "roof"
    verbose_name = "Foothold"
