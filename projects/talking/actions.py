"""The verbs of the thread."""

from datetime import datetime

from django.db import transaction
from django.db.models.functions import Greatest

from marketplace.ground import clock, ids
from marketplace.ground.errors import Invalid, NotAllowed, WrongMoment
from marketplace.ground.text import written
from projects.hiring.models import Engagement

from . import notices, queries
from .models import Message, ReadMark

MAX_TEXT, MAX_TOKEN = 4000, 40


def post_message(*, by, engagement: Engagement, text: str, form_token: str = "") -> Message:
    """Write into the thread. The same `form_token` sent again by the same person is the same message.

    Raises `NotAllowed` for whoever is not a party, `WrongMoment` once the thread is closed, `Invalid`.
    """
    text = written(str(text or ""))
    if not text:
        raise Invalid({"text": ["Write something first."]})
    if len(text) > MAX_TEXT:
        raise Invalid({"text": [f"At most {MAX_TEXT:,} characters; this has {len(text):,}."]})
    token = str(form_token or ids.secret()).replace("\x00", "")[:MAX_TOKEN]
    with transaction.atomic():
        # The lock makes the times in one thread follow the order in which messages are kept.
        row = (
            Engagement.objects.select_for_update(of=("self",))
            .select_related("organisation", "student", "project")
            .get(pk=engagement.pk)
        )
        acts = queries.allowed_actions(by, row)
        if "post" not in acts:
            raise NotAllowed("Only the two parties write here.")
        if acts["post"]:
            raise WrongMoment(acts["post"])
        sent = Message.objects.filter(form_token=token).first()
        if sent is not None:
            return _the_same(sent, by, row)
        message = Message.objects.create(
            engagement=row, author=by, text=text, form_token=token, at=clock.now()
        )
        mark_read(by=by, engagement=row, until=message.at)
        notices.tell_message(message)
    return message


def _the_same(sent: Message, by, engagement: Engagement) -> Message:
    if sent.author_id != by.pk or sent.engagement_id != engagement.pk:
        raise Invalid({"form_token": ["Reload the page and send it again."]})
    return sent


def mark_read(*, by, engagement: Engagement, until: datetime) -> None:
    """`by` has read the thread up to `until`; a mark never moves back. Who is not a party leaves none."""
    if not queries.allowed_actions(by, engagement):
        return
    moved = ReadMark.objects.filter(engagement=engagement, user=by).update(at=Greatest("at", until))
    if not moved:
        ReadMark.objects.bulk_create(
            [ReadMark(engagement=engagement, user=by, at=until)], ignore_conflicts=True
        )
