"""The work over HTTP: starting, handing in, asking for changes, approving, more time, ending it."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.response import Response

from marketplace.ground.api import Nothing, Shape, answers
from projects.hiring.api import EngagementWhole, MilestoneLine, NoteShape
from projects.hiring.api import whole as engagement_whole

from . import actions, queries
from .models import Extension, Submission


class SubmissionShape(Shape):
    note = serializers.CharField(max_length=3000, allow_blank=True, required=False, default="")
    links = serializers.ListField(
        child=serializers.URLField(max_length=500), required=False, default=list, max_length=10
    )
    ai_note = serializers.CharField(max_length=500, allow_blank=True, required=False, default="")
    files = serializers.ListField(child=serializers.FileField(), required=False, default=list, max_length=10)
    hours = serializers.DecimalField(max_digits=5, decimal_places=1, required=False)


class ChangesShape(Shape):
    points = serializers.ListField(child=serializers.CharField(max_length=500), min_length=1, max_length=10)


class ExtensionShape(Shape):
    until = serializers.DateField()
    reason = serializers.CharField(max_length=500)


class SubmissionLine(serializers.ModelSerializer):
    id = serializers.CharField(source="public_id")
    files = serializers.SerializerMethodField()
    changes = serializers.SerializerMethodField(
        help_text="What the employer asked to change about this version."
    )

    class Meta:
        model = Submission
        fields = ["id", "version", "note", "links", "ai_note", "at", "files", "changes"]

    @extend_schema_field(list[dict])
    def get_files(self, submission):
        from django.urls import reverse

        return [
            {
                "id": f.public_id,
                "name": f.name,
                "size": f.size,
                "url": self.context["request"].build_absolute_uri(
                    reverse("working:file", args=[f.public_id])
                ),
            }
            for f in submission.files.all()
        ]

    @extend_schema_field(list[str])
    def get_changes(self, submission):
        request = getattr(submission, "change_request", None)
        return request.points if request else []


class MilestoneWhole(MilestoneLine):
    engagement = serializers.CharField(source="engagement.public_id")
    acts = serializers.SerializerMethodField()

    class Meta(MilestoneLine.Meta):
        fields = [*MilestoneLine.Meta.fields, "engagement", "acts"]

    @extend_schema_field(dict)
    def get_acts(self, milestone):
        return queries.allowed_actions(self.context["request"].user, milestone)


class ExtensionLine(serializers.ModelSerializer):
    id = serializers.CharField(source="public_id")

    class Meta:
        model = Extension
        fields = ["id", "state", "until", "reason", "asked_at", "answer_by", "answer_note"]


class EngagementActs:
    """Starting and ending."""

    shapes = {"kick_off": Nothing, "cancel": NoteShape}

    @answers(EngagementWhole, 403, 409, request=Nothing)
    @action(detail=True, methods=["post"], url_path="kick-off")
    def kick_off(self, request, public_id):
        """Start the work; the first click of either side does it."""
        engagement = self.thing()
        self.given()
        actions.kick_off(by=request.user, engagement=engagement)
        return Response(engagement_whole(request, engagement))

    @answers(EngagementWhole, 400, 403, 409, request=NoteShape)
    @action(detail=True, methods=["post"])
    def cancel(self, request, public_id):
        """End it early; the agreement says who gets what."""
        engagement = self.thing()
        actions.cancel_engagement(by=request.user, engagement=engagement, note=self.given()["note"])
        return Response(engagement_whole(request, engagement))


class MilestoneActs:
    shapes = {
        "submissions": SubmissionShape,
        "approve": Nothing,
        "request_changes": ChangesShape,
        "extensions": ExtensionShape,
    }

    def thing(self):
        return get_object_or_404(
            queries.milestones_visible_to(self.request.user), public_id=self.kwargs["public_id"]
        )

    def _whole(self, milestone):
        row = queries.milestones_visible_to(self.request.user).get(pk=milestone.pk)
        return Response(MilestoneWhole(row, context={"request": self.request}).data)

    @answers(MilestoneWhole)
    def retrieve(self, request, public_id):
        return self._whole(self.thing())

    @answers(SubmissionLine(many=True), methods=["GET"])
    @answers(SubmissionLine, 400, 403, 409, 415, status=201, request=SubmissionShape, methods=["POST"])
    @action(detail=True, methods=["get", "post"])
    def submissions(self, request, public_id):
        """GET lists the versions, newest first; POST hands one in (JSON, or multipart with files)."""
        milestone = self.thing()
        if request.method == "GET":
            page = self.paginate_queryset(queries.versions_of(milestone))
            return self.get_paginated_response(
                SubmissionLine(page, many=True, context={"request": request}).data
            )
        made = actions.submit_work(by=request.user, milestone=milestone, **self.given())
        return Response(
            SubmissionLine(made, context={"request": request}).data, status=status.HTTP_201_CREATED
        )

    @answers(MilestoneWhole, 403, 409, request=Nothing)
    @action(detail=True, methods=["post"])
    def approve(self, request, public_id):
        """Approve what was handed in: its share of the pay is released."""
        milestone = self.thing()
        self.given()
        actions.approve_milestone(by=request.user, milestone=milestone)
        return self._whole(milestone)

    @answers(MilestoneWhole, 400, 403, 409, request=ChangesShape)
    @action(detail=True, methods=["post"], url_path="request-changes")
    def request_changes(self, request, public_id):
        milestone = self.thing()
        actions.request_changes(by=request.user, milestone=milestone, points=self.given()["points"])
        return self._whole(milestone)

    @answers(ExtensionLine, 400, 403, 409, status=201, request=ExtensionShape)
    @action(detail=True, methods=["post"])
    def extensions(self, request, public_id):
        """Ask for more time."""
        milestone = self.thing()
        made = actions.ask_extension(by=request.user, milestone=milestone, **self.given())
        return Response(ExtensionLine(made).data, status=status.HTTP_201_CREATED)
