"""What matching does when a posting opens or closes, and the part of a project's page that says why it fits."""

from django.dispatch import receiver

from accounts.models import StudentProfile
from accounts.skills.signals import skill_changed
from marketplace.ground.nudge import nudge
from projects.exposing import queries as exposing
from projects.posting.signals import project_closed, project_hidden, project_published, project_shown
from projects.search import fits, panels

from . import keeping, notices, queries, similar
from .models import PastMeaning, ProjectMatch


@receiver(project_published, dispatch_uid="matching.tell")
def tell(sender, project, **_):
    keeping.keep_projects([project.pk])
    nudge("matching.tell", project.pk)


@receiver([project_closed, project_hidden], dispatch_uid="matching.over")
def over(sender, project, **_):
    """It stands in no list any more, and whoever has not heard of it yet does not."""
    for row in ProjectMatch.objects.filter(pk=project.pk, vector__isnull=False):
        PastMeaning.objects.update_or_create(
            project=project, defaults={"vector": row.vector, "version": row.vector_version}
        )
    ProjectMatch.objects.filter(pk=project.pk).delete()
    notices.over(project, exposing.told_of(project.pk))


@receiver(project_shown, dispatch_uid="matching.shown")
def shown(sender, project, **_):
    nudge("matching.project", project.pk)


@receiver(skill_changed, dispatch_uid="matching.skills")
def skills(sender, skills, **_):
    nudge("matching.skills", list(skills))


def fit_panel(request, project) -> dict | None:
    """Shared and missing skills, for a student; None for everybody else, and when nothing is shared or followed."""
    if not request.user.is_authenticated:
        return None
    profile = StudentProfile.objects.filter(user=request.user).first()
    found = queries.fit_of(project, profile) if profile else None
    if found is None or not (found.shared or found.near or found.follows):
        return None
    return {
        "template": "projects/matching/_fit.html",
        "shared": found.shared,
        "missing": found.missing[:3],
        "follows": found.follows,
        "reasons": found.reasons(),
    }


panels.register("fit", fit_panel)
fits.register_like(similar.like)
