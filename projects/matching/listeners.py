"""A posting has been published: the fitting students are told after the transaction. And the page of a project says why it fits."""

from django.dispatch import receiver

from accounts.models import StudentProfile
from marketplace.ground.nudge import nudge
from projects.posting.signals import project_published
from projects.search import panels

from .fit import fit


@receiver(project_published, dispatch_uid="matching.tell")
def tell(sender, project, **_):
    nudge("matching.tell", project.pk)


def fit_panel(request, project) -> dict | None:
    """Shared and missing skills, for a student; None for everybody else, and when nothing is shared or followed."""
    if not request.user.is_authenticated:
        return None
    profile = StudentProfile.objects.filter(user=request.user).first()
    if profile is None:
        return None
    own = set(profile.skills.values_list("skill_id", flat=True))
    asked = [(s.skill_id, s.skill.name, s.must, 1.0) for s in project.project_skills.select_related("skill")]
    found = fit(asked, own, project.function in profile.interests)
    if not found.shared and not found.follows:
        return None
    return {
        "template": "projects/matching/_fit.html",
        "shared": found.shared,
        "missing": found.missing[:3],
        "follows": found.follows,
    }


panels.register("fit", fit_panel)
