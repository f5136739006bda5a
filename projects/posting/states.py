"""The life of a posting, as data."""

from django.db import models


class ProjectState(models.TextChoices):
    DRAFT = "draft", "Draft"
    IN_REVIEW = "in_review", "Being read by a moderator"
    PUBLISHED = "published", "Open"
    CLOSED = "closed", "Closed"


class ClosedReason(models.TextChoices):
    FILLED = "filled", "Somebody was hired"
    EXPIRED = "expired", "The window ended"
    SILENT = "silent", "The employer did not respond"
    CANCELLED = "cancelled", "Cancelled by the employer"
    REMOVED = "removed", "Removed by a moderator"


PROJECT_MOVES = {
    ProjectState.DRAFT: {ProjectState.IN_REVIEW, ProjectState.PUBLISHED, ProjectState.CLOSED},
    ProjectState.IN_REVIEW: {ProjectState.DRAFT, ProjectState.PUBLISHED, ProjectState.CLOSED},
    ProjectState.PUBLISHED: {ProjectState.CLOSED, ProjectState.IN_REVIEW},
    ProjectState.CLOSED: set(),
}
