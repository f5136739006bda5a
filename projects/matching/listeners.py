"""A posting has been published: the fitting students are told after the transaction."""

from django.dispatch import receiver

from marketplace.ground.nudge import nudge
from projects.posting.signals import project_published


@receiver(project_published, dispatch_uid="matching.tell")
def tell(sender, project, **_):
    nudge("matching.tell", project.pk)
