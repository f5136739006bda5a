from django.apps import AppConfig


class GroundConfig(AppConfig):
    name = "marketplace.ground"
    label = "ground"
    verbose_name = "House rules"
