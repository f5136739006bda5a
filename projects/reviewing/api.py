"""Reviews, public records of employers, and completion records over HTTP."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import permissions, serializers, status
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.response import Response

from accounts.models import Organisation
from marketplace.ground.api import Room, Shape, answers

from . import actions, queries
from .models import Review


class ReviewShape(Shape):
    score = serializers.IntegerField(min_value=1, max_value=5)
    again = serializers.BooleanField(help_text="Would you work together again?")
    text = serializers.CharField(max_length=1500, allow_blank=True, required=False, default="")


class ReviewLine(serializers.ModelSerializer):
    id = serializers.CharField(source="public_id")

    class Meta:
        model = Review
        fields = ["id", "side", "score", "again", "text", "at", "public_at"]


class EngagementReviews:
    shapes = {"reviews": ReviewShape}

    @answers(ReviewLine(many=True), methods=["GET"])
    @answers(ReviewLine, 400, 403, 409, status=201, request=ReviewShape, methods=["POST"])
    @action(detail=True, methods=["get", "post"])
    def reviews(self, request, public_id):
        """GET: what may be read of it (the other side's once both are in or the window is over). POST: one's own."""
        engagement = self.thing()
        if request.method == "GET":
            page = self.paginate_queryset(
                queries.visible_to(request.user).filter(engagement=engagement).order_by("side")
            )
            return self.get_paginated_response(ReviewLine(page, many=True).data)
        written = actions.write_review(by=request.user, engagement=engagement, **self.given())
        return Response(ReviewLine(written).data, status=status.HTTP_201_CREATED)


class EmployerWhole(serializers.ModelSerializer):
    """An employer as everybody sees it; figures with fewer cases than the site shows are null."""

    id = serializers.CharField(source="public_id")
    verified = serializers.SerializerMethodField()
    record = serializers.SerializerMethodField()

    class Meta:
        model = Organisation
        fields = ["id", "name", "website", "about", "sector", "size", "place", "verified", "record"]

    def get_verified(self, organisation) -> bool:
        return organisation.verified_at is not None

    @extend_schema_field(dict)
    def get_record(self, organisation):
        record = queries.employer_record(organisation)
        return {
            "answer_rate": record.answers.answer_rate,
            "median_hours_to_answer": record.answers.median_hours,
            "hire_rate": record.answers.hire_rate,
            "completed": record.completed,
            "approved_on_time": record.on_time,
            "stars": record.score.stars,
        }


class EmployerRoom(Room):
    permission_classes = [permissions.AllowAny]
    serializer_class = EmployerWhole
    queryset = Organisation.objects.none()

    @answers(EmployerWhole)
    def retrieve(self, request, public_id):
        return Response(EmployerWhole(get_object_or_404(queries.employers_shown(), public_id=public_id)).data)


class CredentialWhole(serializers.Serializer):
    id = serializers.CharField(source="public_id")
    claims = serializers.DictField(help_text="Frozen when it was issued.")
    issued_at = serializers.DateTimeField()
    revoked_at = serializers.DateTimeField(allow_null=True)


class CredentialRoom(Room):
    """Completion records: public, for whoever has the address."""

    permission_classes = [permissions.AllowAny]
    serializer_class = CredentialWhole
    queryset = Organisation.objects.none()

    @answers(CredentialWhole)
    def retrieve(self, request, public_id):
        return Response(CredentialWhole(get_object_or_404(queries.records(), public_id=public_id)).data)
