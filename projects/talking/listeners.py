"""What the thread gives to a person's export, and what is left of their words when they are erased."""

from accounts.users import erasure, export

from .models import Message

REMOVED = "This message was removed with its author's account."


def _written(user) -> list:
    rows = Message.objects.filter(author=user).select_related("engagement").order_by("at", "id")
    return [{"at": row.at, "engagement": row.engagement.public_id, "text": row.text} for row in rows]


@erasure.register_scrub
def _forget(user) -> None:
    Message.objects.filter(author=user).update(text=REMOVED)


export.register("thread", _written)
