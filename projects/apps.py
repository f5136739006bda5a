from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    name = "projects"
    verbose_name = "Projects and engagements"

    def ready(self):
        from . import listeners  # noqa: F401  (hears what payments says)
