"""Employer organisations: they own projects, money and records; people act for them as owner or manager."""

from pathlib import PurePath

import pghistory
from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from django.urls import reverse

from marketplace.ground import clock, ids
from marketplace.ground.models import PublicId

from .states import INVITE_MOVES, PROOF_MOVES, InviteState, ProofState


class Organisation(models.Model):
    class Size(models.TextChoices):
        SOLO = "1", "Just me"
        SMALL = "2-10", "2 to 10 people"
        MEDIUM = "11-50", "11 to 50 people"
        LARGE = "51-250", "51 to 250 people"
        HUGE = "251+", "More than 250 people"

    public_id = PublicId()
    name = models.CharField(max_length=120)
    website = models.URLField(blank=True)
    about = models.TextField(max_length=1500, blank=True)
    sector = models.CharField(max_length=80, blank=True)
    size = models.CharField(max_length=10, choices=Size.choices, blank=True)
    place = models.CharField("town or city", max_length=120, blank=True)
    logo = models.ImageField(upload_to="logos/", blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=clock.now, editable=False)
    verified_at = models.DateTimeField(null=True, blank=True)  # two accepted proofs
    proven_at = models.DateTimeField(null=True, blank=True)  # first clean completed engagement
    suspended_at = models.DateTimeField(null=True, blank=True)
    suspended_reason = models.CharField(max_length=200, blank=True)
    open_projects_lifted = models.BooleanField("may open more projects than a new employer", default=False)

    class Meta:
        app_label = "accounts"
        ordering = ["name"]
        # A second click on "Make the organisation" finds the first one.
        constraints = [
            models.UniqueConstraint("created_by", Lower("name"), name="one_organisation_per_maker_and_name")
        ]

    def __str__(self):
        return self.name

    @property
    def logo_url(self) -> str:
        """Where the logo is served; empty without one. The address is new with each picture."""
        if not self.logo:
            return ""
        return reverse("employers:logo-file", args=[self.public_id, PurePath(self.logo.name).stem])


class Membership(models.Model):
    class Role(models.TextChoices):
        OWNER = "owner", "Owner"
        MANAGER = "manager", "Manager"

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.MANAGER)
    title = models.CharField(max_length=120, blank=True)
    joined_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        app_label = "accounts"
        constraints = [models.UniqueConstraint(fields=["organisation", "user"], name="one_membership")]

    def __str__(self):
        return f"{self.user}, {self.get_role_display()} of {self.organisation}"


class MemberInvite(models.Model):
    MOVES = INVITE_MOVES

    public_id = PublicId()
    token = models.CharField(max_length=40, unique=True, default=ids.secret, editable=False)
    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="invites")
    email = models.EmailField()
    role = models.CharField(max_length=10, choices=Membership.Role.choices, default=Membership.Role.MANAGER)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    state = models.CharField(max_length=10, choices=InviteState.choices, default=InviteState.OPEN)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    expires_at = models.DateTimeField()

    class Meta:
        app_label = "accounts"
        verbose_name = "invitation to join"
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "email"],
                condition=models.Q(state="open"),
                name="one_open_invite_per_address",
            )
        ]

    def __str__(self):
        return f"{self.email} to {self.organisation}"


@pghistory.track()
class Proof(models.Model):
    """One sign that an employer is who it says; two accepted ones make it verified."""

    class Kind(models.TextChoices):
        DOMAIN = "domain", "Company e-mail domain"
        REGISTRY = "registry", "Registry number"
        PAYMENT = "payment", "Cleared payment"
        VOUCHED = "vouched", "Vouched for by a school or chamber"

    MOVES = PROOF_MOVES

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="proofs")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    state = models.CharField(max_length=10, choices=ProofState.choices, default=ProofState.PENDING)
    detail = models.CharField(max_length=200, blank=True)
    note = models.CharField("moderator's note", max_length=300, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        app_label = "accounts"
        constraints = [models.UniqueConstraint(fields=["organisation", "kind"], name="one_proof_of_a_kind")]

    def __str__(self):
        return f"{self.get_kind_display()} of {self.organisation}"
