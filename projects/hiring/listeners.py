"""What hiring does when an applicant leaves, when a window moves, and when payments says where the money is."""

from datetime import timedelta

from django.dispatch import receiver

from marketplace.ground import calendar, clock, policy
from marketplace.ground.nudge import nudge
from payments import signals as money
from projects.applying import actions as applying
from projects.applying.signals import application_withdrawn
from projects.applying.states import ApplicationState, DeclineReason
from projects.posting.models import ModerationDecision
from projects.posting.signals import window_moved

from . import actions
from .actions.funding import lock_engagement
from .actions.offers import turn_down
from .models import Engagement, Offer
from .signals import engagement_ended
from .states import EndReason, EngagementState, OfferState

Outcome = ModerationDecision.Outcome


@receiver(application_withdrawn, dispatch_uid="hiring.close_offer")
def close_offer(sender, application, by, **_):
    """Whoever withdraws says no to an open offer; the lock on the project keeps acceptance out."""
    for offer in Offer.objects.select_for_update().filter(application=application, state=OfferState.OPEN):
        offer.project, offer.application = application.project, application
        turn_down(offer, by=by, note="The application was withdrawn.")


@receiver(window_moved, dispatch_uid="hiring.keep_pause")
def keep_pause(sender, project, old, **_):
    """The answer clock was set anew from the window: an offer that is out pauses it as before."""
    _after_pause(project)
    plain = calendar.after_quiet(
        project.apply_by + timedelta(days=policy.current().answer_days), project.zone
    )
    if project.answer_by != plain:
        return
    offer = Offer.objects.filter(project=project, state=OfferState.OPEN).first()
    waiting = Engagement.objects.filter(project=project, state=EngagementState.AWAITING_FUNDS).first()
    ends = offer.expires_at if offer else waiting.fund_by if waiting else None
    if ends:
        applying.shift_answer_clock(project, clock.now(), ends)


def _after_pause(project) -> None:
    """A posting that was hidden is shown again: the student could not answer meanwhile, and gets that time back."""
    decisions = list(project.decisions.all()[:2])
    if [d.outcome for d in decisions] != [Outcome.RESUMED, Outcome.PAUSED]:
        return
    resumed, paused = decisions
    if project.updated_at - resumed.at > timedelta(seconds=5):
        return  # that was earlier; this window moved for another reason
    for offer in Offer.objects.select_for_update().filter(project=project, state=OfferState.OPEN):
        later = offer.expires_at + (resumed.at - paused.at)
        Offer.objects.filter(pk=offer.pk).update(expires_at=later)


@receiver(engagement_ended, dispatch_uid="hiring.wake_matching")
def wake_matching(sender, engagement, **_):
    """The student has time again, and perhaps a finished project."""
    nudge("matching.person", engagement.student_id)


@receiver(engagement_ended, dispatch_uid="hiring.answer_application")
def answer_application(sender, engagement, **_):
    """Called off before the money came: the application ends too, and the posting's answer clock runs on.

    The room that ends an engagement holds the locks.
    """
    application = engagement.application
    application.refresh_from_db(fields=["state", "answered_at", "in_reserve"])
    if application.state != ApplicationState.OFFERED or engagement.state != EngagementState.CANCELLED:
        return
    project = engagement.project
    application.project = project
    applying.shift_answer_clock(project, engagement.fund_by, clock.now())
    if engagement.end_reason == EndReason.BY_STUDENT:
        applying.step_back(application, by=engagement.student, reason="called_off")
    else:
        applying.finish(application, ApplicationState.DECLINED, by=None, reason=DeclineReason.CANCELLED)


# --- payments --------------------------------------------------------------------------------------------
@receiver(money.hold_locking, dispatch_uid="hiring.lock_first")
def lock_first(sender, ref, **_):
    """Project, application and engagement are locked before the hold."""
    kind, _, public_id = ref.partition(":")
    engagement = Engagement.objects.filter(public_id=public_id).first() if kind == "engagement" else None
    if engagement:
        lock_engagement(engagement)


@receiver(money.funds_secured, dispatch_uid="hiring.funds_secured")
def funds_secured(sender, hold, **_):
    actions.secure_engagement(hold)


@receiver(money.funds_processing, dispatch_uid="hiring.funds_processing")
def funds_processing(sender, hold, **_):
    actions.funds_coming(hold)


@receiver(money.funds_failed, dispatch_uid="hiring.funds_failed")
def funds_failed(sender, hold, why="", **_):
    actions.funds_not_coming(hold, why)
