"""Keeping a project for later."""

from django.db import transaction

from marketplace.ground import clock
from projects.posting.models import Project

from . import notices
from .models import Bookmark


def save_project(*, by, project: Project) -> None:
    """Keep `project` on the list of `by`; doing it twice changes nothing."""
    Bookmark.objects.bulk_create(
        [Bookmark(user=by, project=project, created_at=clock.now())], ignore_conflicts=True
    )


def unsave_project(*, by, project: Project) -> None:
    """Take `project` off the list of `by`."""
    Bookmark.objects.filter(user=by, project=project).delete()


@transaction.atomic
def remind_of(bookmark: Bookmark) -> bool:
    """Tell somebody that a saved project closes soon, once for each deadline. Returns whether they were told now."""
    deadline = bookmark.project.apply_by
    won = Bookmark.objects.filter(pk=bookmark.pk).exclude(reminded_for=deadline).update(reminded_for=deadline)
    return bool(won) and notices.saved_closing(bookmark) is not None
