"""What applying does when a posting closes, and the pieces it adds to the project page."""

from urllib.parse import urlencode

from django.dispatch import receiver
from django.urls import reverse

from accounts.students import access
from accounts.students.models import StudentProfile
from projects.posting.signals import project_closed
from projects.posting.states import ClosedReason
from projects.search import panels

from . import actions, queries
from .models import Application
from .records import answer_record
from .states import OPEN, ApplicationState, DeclineReason


@receiver(project_closed, dispatch_uid="applying.answer_everybody")
def answer_everybody(sender, project, reason, by=None, **_):
    """Whoever still waits gets a final answer at once; those in reserve for a filled project wait on."""
    reserve = []
    if reason == ClosedReason.FILLED:
        reserve = list(
            Application.objects.filter(
                project=project, in_reserve=True, state=ApplicationState.SHORTLISTED
            ).values_list("pk", flat=True)
        )
    if reason == ClosedReason.SILENT:
        actions.expire_rest(project)
    elif Application.objects.filter(project=project, state__in=OPEN).exists():
        why = DeclineReason.FILLED if reason == ClosedReason.FILLED else DeclineReason.CANCELLED
        actions.decline_rest(project, by=by, reason=why, except_ids=reserve)


# --- what other rooms ask --------------------------------------------------------------------------------
@access.register
def employer_reads_resume(user, profile) -> bool:
    return queries.may_read_resume(user, profile.user)


def apply_panel(request, project) -> dict:
    """The button to apply, or where the reader's own application stands, or why not."""
    user, panel = request.user, {"template": "projects/applying/_apply_panel.html"}
    if not user.is_authenticated:
        url = f"{reverse('account_login')}?{urlencode({'next': reverse('applying:apply', args=[project.public_id])})}"
        return panel | {"state": "anonymous", "url": url, "label": "Sign in to apply"}
    application = Application.objects.filter(project=project, student=user).first()
    if application and application.state not in (ApplicationState.DRAFT, ApplicationState.WITHDRAWN):
        application.project = project
        return panel | {
            "state": "sent",
            "application": application,
            "status": queries.status(application),
            "hears_by": queries.hears_by(application),
        }
    refusal = queries.refusal_to_apply(user, project, application)
    if refusal:
        profile = StudentProfile.objects.filter(user=user).exists()
        return panel | {
            "state": "refused",
            "reason": refusal.reason,
            "is_student": profile,
            "draft": application,
        }
    label = "Finish your application" if application else "Apply"
    return panel | {
        "state": "open",
        "url": reverse("applying:apply", args=[project.public_id]),
        "label": label,
        "questions": project.questions.count(),
    }


def record_panel(request, project) -> dict:
    return {"template": "projects/applying/_record.html", "record": answer_record(project.organisation)}


panels.register("apply", apply_panel)
panels.register("record", record_panel)
