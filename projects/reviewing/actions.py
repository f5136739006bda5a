"""The verbs after the end: reviewing each other, blind to both sides, and the record of a completed engagement."""

from django.db import transaction

from marketplace.ground import clock
from marketplace.ground.errors import Invalid, NotAllowed, WrongMoment
from marketplace.ground.states import record
from marketplace.ground.text import written
from projects.hiring.models import Engagement
from projects.hiring.states import EngagementState
from projects.working.queries import side_of

from . import notices, queries
from .claims import claims_of
from .models import Credential, Review, Side

MAX_TEXT = 1500


def _lock(engagement: Engagement) -> Engagement:
    return (
        Engagement.objects.select_for_update(of=("self",))
        .select_related("project", "organisation", "student")
        .get(pk=engagement.pk)
    )


def write_review(*, by, engagement: Engagement, score: int, again: bool, text: str = "") -> Review:
    """Review the other side, once. score: 1 to 5. It stays hidden until both are in or the window closes.

    Raises `NotAllowed`, `WrongMoment`, `Invalid`.
    """
    text = written(str(text or ""))
    errors = {}
    if type(score) is not int or not 1 <= score <= 5:
        errors["score"] = ["Choose one of the five."]
    if type(again) is not bool:
        errors["again"] = ["Say yes or no."]
    if len(text) > MAX_TEXT:
        errors["text"] = [f"At most {MAX_TEXT:,} characters; this has {len(text):,}."]
    if errors:
        raise Invalid(errors)
    with transaction.atomic():
        row = _lock(engagement)
        acts = queries.allowed_actions(by, row)
        if "review" not in acts:
            raise NotAllowed("Only the two parties review each other.")
        if acts["review"]:
            raise WrongMoment(acts["review"])
        review = Review.objects.create(
            engagement=row,
            side=side_of(by, row),
            author=by,
            score=score,
            again=again,
            text=text,
            at=clock.now(),
        )
        if row.reviews.count() == len(Side.values):
            _publish(row)
    review.refresh_from_db()
    return review


def publish_reviews(engagement: Engagement) -> int:
    """The window is over: show what was written. Raises `WrongMoment` while it is open."""
    with transaction.atomic():
        row = _lock(engagement)
        if row.review_until is None or row.review_until > clock.now():
            raise WrongMoment("The time to review is not over.")
        return _publish(row)


def _publish(engagement: Engagement) -> int:
    hidden = list(engagement.reviews.filter(public_at=None))
    now = clock.now()
    for review in hidden:
        review.public_at, review.engagement = now, engagement
        review.save(update_fields=["public_at"])
        notices.tell_published(review)
    if hidden:
        record(engagement, "reviews_public", old=engagement.state)
    return len(hidden)


def issue_credential(engagement: Engagement) -> Credential | None:
    """The record of a completed engagement, made once, its claims frozen; None for one that was not completed."""
    if engagement.state != EngagementState.COMPLETED:
        return None
    credential, new = Credential.objects.get_or_create(
        engagement=engagement,
        defaults={"student": engagement.student, "claims": claims_of(engagement), "issued_at": clock.now()},
    )
    if new:
        notices.tell_record(credential)
    return credential


def show_in_portfolio(*, by, credential: Credential, show: bool) -> Credential:
    """Whether the record stands on the student's portfolio page; its own address answers either way."""
    acts = queries.allowed_on_record(by, credential)
    if "show" not in acts:
        raise NotAllowed("Only the student decides this.")
    if acts["show"]:
        raise WrongMoment(acts["show"])
    credential.in_portfolio = show
    credential.save(update_fields=["in_portfolio"])
    return credential
