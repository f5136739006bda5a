"""The operator's own rows: the rules, the brand, the days off; and the audit trail to read."""

from django.contrib import admin
from django.shortcuts import redirect
from django.urls import reverse

from . import clock, policy
from .acting import ActingAdmin, OperatorAdmin
from .models import Brand, Holiday, Policy, StateChange


class OneRowAdmin(OperatorAdmin):
    """There is one row; its list leads straight to it."""

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def save_model(self, request, obj, form, change):
        obj.updated_at = clock.now()
        super().save_model(request, obj, form, change)

    def changelist_view(self, request, extra_context=None):
        if not self.has_view_permission(request):
            return super().changelist_view(request, extra_context)
        policy.current()
        policy.brand()
        return redirect(reverse(f"admin:ground_{self.opts.model_name}_change", args=[1]))


@admin.register(Policy)
class PolicyAdmin(OneRowAdmin):
    fieldsets = [
        (
            "Pay and fee",
            {
                "fields": [
                    "pay_floor_cents",
                    "local_minimum_wage_cents",
                    "fee_bp",
                    "unproven_max_cents",
                    "unproven_release_days",
                    "hold_days",
                    "hold_warning_days",
                    "kickoff_penalty_bp",
                ],
                "description": "Agreements that are made keep the values they were made under.",
            },
        ),
        (
            "When money goes back",
            {
                "fields": [
                    "advance_short_reversals",
                    "write_off_second_cents",
                    "dispute_answer_days",
                    "dispute_decision_days",
                    "dispute_appeal_days",
                    "disputes_from_students",
                    "refund_on_fraud_warning",
                ]
            },
        ),
        (
            "Projects",
            {
                "fields": [
                    "min_hours",
                    "max_hours",
                    "max_hours_approved",
                    "min_days",
                    "max_days",
                    "hard_max_days",
                    "new_employer_open_projects",
                    "clean_for_skip_review",
                    "sample_one_in",
                ]
            },
        ),
        (
            "Applications and offers",
            {
                "fields": [
                    "application_window_days",
                    "application_window_min_hours",
                    "application_cap",
                    "open_applications",
                    "answer_days",
                    "answer_final_days",
                    "offer_hours",
                    "offer_weekend_hours",
                    "live_engagements",
                    "weekly_hours_max",
                    "weekly_hours_warn",
                    "chain_projects",
                    "chain_hours",
                    "strikes",
                ]
            },
        ),
        (
            "Finding each other",
            {
                "fields": [
                    "fair_order",
                    "fair_strength",
                    "invitation_days",
                    "invitations_per_project",
                    "invitations_per_week",
                    "invitations_to_student",
                    "invitation_rest_days",
                ]
            },
        ),
        (
            "Work",
            {
                "fields": [
                    "funds_business_days",
                    "kickoff_days",
                    "kickoff_cancel_days",
                    "review_business_days",
                    "review_short_days",
                    "short_project_days",
                    "review_last_days",
                    "revision_rounds",
                    "revision_days",
                    "extension_notice_hours",
                    "extension_answer_hours",
                    "extension_max_bp",
                ]
            },
        ),
        ("After", {"fields": ["peer_review_days", "public_score_min", "public_figure_min"]}),
        ("Place and law", {"fields": ["zone", "tax_forms_by", "tax_threshold_cents", "tax_threshold_words"]}),
    ]
    change_form_template = "admin/policy_form.html"

    def change_view(self, request, object_id, form_url="", extra_context=None):
        from pghistory.models import Events

        events = Events.objects.tracks(policy.current()).order_by("-pgh_created_at")[:20]
        return super().change_view(
            request,
            object_id,
            form_url,
            {
                **(extra_context or {}),
                "history": [
                    {
                        "at": e.pgh_created_at,
                        "diff": {k: v for k, v in (e.pgh_diff or {}).items() if k != "updated_at"},
                    }
                    for e in events
                ],
            },
        )


@admin.register(Brand)
class BrandAdmin(OneRowAdmin):
    fieldsets = [
        ("Name", {"fields": ["name", "operator", "tagline", "support_email", "postal_address"]}),
        (
            "Look",
            {
                "fields": ["logo", "colour_light", "colour_dark"],
                "description": "Text on the main colour has to be readable: choose a dark one for light pages, a light one for dark pages.",
            },
        ),
        (
            "Legal pages",
            {
                "fields": ["terms", "privacy", "imprint"],
                "description": "Markdown. An empty page shows our plain default; your counsel confirms the text.",
            },
        ),
    ]


@admin.register(Holiday)
class HolidayAdmin(OperatorAdmin):
    list_display = ["day", "name"]
    date_hierarchy = "day"


@admin.register(StateChange)
class StateChangeAdmin(ActingAdmin):
    list_display = ["at", "kind", "thing_id", "from_state", "to_state", "by", "reason"]
    list_filter = ["kind", "to_state"]
    list_select_related = ["by"]
    search_fields = ["=thing_id"]
