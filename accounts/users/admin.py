"""People: found by name or address, suspended with a reason, erased on request. Private answers stay private."""

from django.contrib import admin

from marketplace.ground.acting import Act, ActingAdmin, OperatorAdmin, reasons_form, timeline_panel

from . import actions
from .models import Moderator, User


def _suspend(by, user, reasons):
    actions.suspend_user(by=by, user=user, reason=reasons)


def _erase(by, user):
    actions.erase_account(by=by, user=user)


@admin.register(User)
class UserAdmin(ActingAdmin):
    list_display = ["email", "name", "joined_at", "is_active", "suspended_at", "is_staff"]
    list_filter = ["is_active", "is_staff", ("suspended_at", admin.EmptyFieldListFilter)]
    search_fields = ["email", "name", "public_id"]
    date_hierarchy = "joined_at"
    fields = [
        "public_id",
        "email",
        "name",
        "zone",
        "joined_at",
        "is_active",
        "is_staff",
        "suspended_at",
        "suspended_reason",
        "terms_accepted_at",
    ]
    acts = (
        Act(
            "suspend",
            "Suspend",
            _suspend,
            lambda by, user: "" if user.suspended_at else None,
            reasons_form("Why", "The person reads this when they try to sign in.", required=True),
            danger=True,
            explain="They are signed out everywhere at once and cannot sign in. Engagements and money stay as they are.",
        ),
        Act(
            "lift",
            "Lift the suspension",
            lambda by, user: actions.lift_suspension(by=by, user=user),
            lambda by, user: None if user.suspended_at else "",
        ),
        Act(
            "erase",
            "Erase this person",
            _erase,
            lambda by, user: None,
            danger=True,
            explain="Name, address, profile, notices and mails are removed for good. The ledger keeps a number without a name.",
        ),
    )

    def panels(self, request, user):
        rows = [
            ["Member of", f"{m.organisation} ({m.get_role_display().lower()})"]
            for m in user.memberships.select_related("organisation")
        ]
        rows += [["Works at", str(p.school)] for p in user.school_posts.select_related("school")]
        profile = getattr(user, "student", None)
        if profile:
            rows += [
                ["Student", profile.headline or "no headline yet"],
                ["School", str(profile.school or "none")],
                ["School verified", profile.school_verified_at or "no"],
            ]
        return [{"title": "Roles", "rows": rows}, timeline_panel(user)]


@admin.register(Moderator)
class ModeratorAdmin(OperatorAdmin):
    """Who moderates: only the operator appoints. People sign up first like everybody else."""

    list_display = ["email", "name", "is_staff", "is_superuser"]
    list_filter = ["is_staff"]
    search_fields = ["email", "name"]
    fields = ["email", "name", "is_staff", "is_superuser"]
    readonly_fields = ["email", "name"]

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False
