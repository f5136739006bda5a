"""Reviews and records, to read."""

from django.contrib import admin

from marketplace.ground.acting import ActingAdmin

from .models import Credential, Review


@admin.register(Review)
class ReviewAdmin(ActingAdmin):
    list_display = ["engagement", "side", "score", "again", "at", "public_at"]
    list_filter = ["side", "score"]
    list_select_related = ["engagement"]
    fields = ["engagement", "side", "author", "score", "again", "text", "at", "public_at"]


@admin.register(Credential)
class CredentialAdmin(ActingAdmin):
    list_display = ["public_id", "student", "issued_at", "revoked_at"]
    list_select_related = ["student"]
    search_fields = ["public_id", "student__email"]
    fields = ["public_id", "engagement", "student", "claims", "issued_at", "in_portfolio", "revoked_at"]
