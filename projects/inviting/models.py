"""An employer asks somebody by name to apply; and who does not want to be asked."""

from django.conf import settings
from django.db import models
from django.urls import reverse

from accounts.employers.models import Organisation
from marketplace.ground import clock
from marketplace.ground.models import PublicId
from projects.posting.models import Project

from .states import INVITATION_MOVES, InvitationState, NoReason


class Invitation(models.Model):
    """One for each project and student. `reasons`: why they fitted when they were asked, in words."""

    MOVES = INVITATION_MOVES

    public_id = PublicId()
    project = models.ForeignKey(Project, models.CASCADE, related_name="invitations")
    student = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="invitations")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    state = models.CharField(max_length=10, choices=InvitationState.choices, default=InvitationState.OPEN)
    note = models.TextField(max_length=600, blank=True)
    reasons = models.JSONField(default=list)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    expires_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    decline_reason = models.CharField(max_length=10, choices=NoReason.choices, blank=True)

    class Meta:
        app_label = "projects"
        ordering = ["-created_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["project", "student"], name="one_invitation_each")]
        indexes = [
            models.Index(fields=["student", "-created_at"], name="invitation_student"),
            models.Index(fields=["expires_at"], condition=models.Q(state="open"), name="invitation_due"),
        ]

    def __str__(self):
        return f"Invitation {self.public_id}"

    def get_absolute_url(self) -> str:
        return reverse("inviting:invitation", args=[self.public_id])


class Block(models.Model):
    """A student who wants no more invitations of one employer, and is not listed for them."""

    student = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="blocks")
    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="blocked_by")
    at = models.DateTimeField(default=clock.now)

    class Meta:
        app_label = "projects"
        constraints = [models.UniqueConstraint(fields=["student", "organisation"], name="one_block_each")]

    def __str__(self):
        return f"No invitations from {self.organisation}"
