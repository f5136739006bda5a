"""Applications over HTTP. An employer sees a face: a number instead of a name while names are hidden."""

from drf_spectacular.utils import OpenApiParameter, extend_schema_field
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.response import Response

from marketplace.ground.api import Nothing, Shape, answers, chosen
from projects.posting import queries as posting

from . import actions, queries
from .models import Application
from .states import ApplicationState, DeclineReason


class ApplyShape(Shape):
    project = serializers.CharField(max_length=12, help_text="Public id of the project.")
    pitch = serializers.CharField(max_length=1200, allow_blank=True)
    answers = serializers.DictField(
        child=serializers.CharField(max_length=1500, allow_blank=True),
        required=False,
        default=dict,
        help_text="Answers by the id of the question; at most 120 words each.",
    )


class DeclineShape(Shape):
    reason = serializers.ChoiceField(choices=DeclineReason.choices)
    note = serializers.CharField(max_length=600, allow_blank=True, required=False, default="")


class ApplicationLine(serializers.ModelSerializer):
    id = serializers.CharField(source="public_id")
    project = serializers.CharField(source="project.public_id")
    title = serializers.CharField(source="project.title")
    applicant = serializers.SerializerMethodField()
    answered_by = serializers.SerializerMethodField(
        help_text="The instant by which the student has an answer."
    )

    class Meta:
        model = Application
        fields = [
            "id",
            "project",
            "title",
            "state",
            "applicant",
            "submitted_at",
            "opened_at",
            "answered_by",
            "decided_at",
        ]

    @extend_schema_field(dict)
    def get_applicant(self, application):
        if application.student_id == self.context["request"].user.pk:
            return {"name": application.student.name, "school": "", "blind": False}
        face = queries.face(application)
        return {"name": face.name, "school": "" if face.blind else face.school, "blind": face.blind}

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_answered_by(self, application):
        return queries.hears_by(application)


class ApplicationWhole(ApplicationLine):
    answers = serializers.SerializerMethodField()
    acts = serializers.SerializerMethodField(
        help_text="Each act with null, or with the sentence why not now."
    )

    class Meta(ApplicationLine.Meta):
        fields = [
            *ApplicationLine.Meta.fields,
            "pitch",
            "answers",
            "eligible",
            "first_timer",
            "invited",
            "in_reserve",
            "decline_reason",
            "decline_note",
            "acts",
        ]

    @extend_schema_field(list[dict])
    def get_answers(self, application):
        return [{"question": a.question.text, "answer": a.text} for a in application.answers.all()]

    @extend_schema_field(dict)
    def get_acts(self, application):
        return queries.allowed_actions(self.context["request"].user, application)


def _rows(user):
    return queries.visible_to(user).select_related("project__organisation", "student__student__school")


class ApplicationActs:
    """Applying and choosing; the roof joins them with hiring's offer."""

    shapes = {"create": ApplyShape, "decline": DeclineShape, "withdraw": Nothing, "shortlist": Nothing}

    def thing(self):
        return get_object_or_404(_rows(self.request.user), public_id=self.kwargs["public_id"])

    def whole(self, application, code: int = 200):
        application = (
            _rows(self.request.user).prefetch_related("answers__question").filter(pk=application.pk).first()
        )
        if application is None:  # withdrawn: no longer the employer's to see
            return Response(status=status.HTTP_204_NO_CONTENT)
        return Response(ApplicationWhole(application, context={"request": self.request}).data, status=code)

    @answers(
        ApplicationLine(many=True),
        400,
        parameters=[
            OpenApiParameter("state", str, enum=ApplicationState.values),
            OpenApiParameter("project", str),
        ],
    )
    def list(self, request):
        """A student's own, or those to one's organisations; newest first."""
        rows = _rows(request.user).order_by("-saved_at", "-pk")
        if state := chosen(request.query_params, "state", ApplicationState.values):
            rows = rows.filter(state=state)
        if project := request.query_params.get("project"):
            rows = rows.filter(project__public_id=project[:12])
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(
            ApplicationLine(page, many=True, context={"request": request}).data
        )

    @answers(ApplicationWhole)
    def retrieve(self, request, public_id):
        """One application. When somebody of the employer reads it, it counts as opened, as on the page."""
        application = self.thing()
        return self.whole(actions.open_application(by=request.user, application=application))

    @answers(ApplicationWhole, 400, 403, 409, status=201, request=ApplyShape)
    def create(self, request):
        """Send an application."""
        given = self.given()
        project = get_object_or_404(posting.visible_to(request.user), public_id=given["project"])
        sent = actions.submit_application(
            by=request.user, project=project, pitch=given["pitch"], answers=given["answers"]
        )
        return self.whole(sent, status.HTTP_201_CREATED)

    @answers(ApplicationWhole, 403, 409, request=Nothing)
    @action(detail=True, methods=["post"])
    def withdraw(self, request, public_id):
        application = self.thing()
        self.given()
        return self.whole(
            actions.withdraw_application(by=request.user, application=application) or application
        )

    @answers(ApplicationWhole, 403, 409, request=Nothing)
    @action(detail=True, methods=["post"])
    def shortlist(self, request, public_id):
        """Put it on the shortlist; the name is shown from now on."""
        application = self.thing()
        self.given()
        actions.shortlist(by=request.user, application=application)
        return self.whole(application)

    @answers(ApplicationWhole, 400, 403, 409, request=DeclineShape)
    @action(detail=True, methods=["post"])
    def decline(self, request, public_id):
        """Say no, with a reason from the list and perhaps a note that the student reads."""
        application = self.thing()
        actions.decline_application(by=request.user, application=application, **self.given())
        return self.whole(application)
