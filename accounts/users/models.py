"""A person: one account, however many roles. A role is a profile or membership that exists, not a column."""

import uuid

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac

from marketplace.ground import clock
from marketplace.ground.models import PublicId


class UserManager(BaseUserManager):
    def create_user(self, email, password=None, **fields):
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email, password=None, **fields):
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, email):
        return self.get(email__iexact=email)


class User(AbstractBaseUser, PermissionsMixin):
    """The e-mail is the name to sign in with; `surrogate` is how ledger and agreements refer to a person."""

    public_id = PublicId()
    surrogate = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    email = models.EmailField(max_length=254, unique=True)
    name = models.CharField(max_length=120)
    date_of_birth = models.DateField(null=True, blank=True)  # never shown to anybody else
    zone = models.CharField("time zone", max_length=60, default="America/New_York")
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField("moderator", default=False)
    joined_at = models.DateTimeField(default=clock.now, editable=False)
    suspended_at = models.DateTimeField(null=True, blank=True)
    suspended_reason = models.CharField(max_length=200, blank=True)
    terms_accepted_at = models.DateTimeField(null=True, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Raising it ends every session of this person at the next request.
    session_round = models.PositiveIntegerField(default=0, editable=False)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]
    objects = UserManager()

    class Meta:
        app_label = "accounts"
        constraints = [models.UniqueConstraint(Lower("email"), name="one_account_per_email")]
        indexes = [models.Index(fields=["-joined_at"])]

    def __str__(self):
        return self.name or self.email

    def _get_session_auth_hash(self, secret=None):
        """Django ends a session whose hash no longer fits: after a new password, and after a new round."""
        return salted_hmac(
            "accounts.User.session",
            f"{self.password}:{self.session_round}",
            secret=secret,
            algorithm="sha256",
        ).hexdigest()

    def get_full_name(self):
        return self.name

    def get_short_name(self):
        return self.name.split(" ")[0] if self.name else self.email.split("@")[0]


class Moderator(User):
    """The same people, as the operator appoints them in the admin."""

    class Meta:
        app_label = "accounts"
        proxy = True
