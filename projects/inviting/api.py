"""Invitations over HTTP. Until one is sent, a student is a place in a list that was shown, as on the page."""

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema_field
from rest_framework import permissions, serializers, status
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.response import Response

from marketplace.ground.api import Nothing, Room, Shape, answers, chosen
from marketplace.ground.errors import WrongMoment
from projects.posting import queries as posting

from . import actions, finding, queries
from .actions import MAX_NOTE
from .models import Invitation
from .states import InvitationState, NoReason


class InviteShape(Shape):
    project = serializers.CharField(max_length=12, help_text="Public id of your project.")
    list = serializers.CharField(max_length=12, help_text="`key` of a list of `projects/{id}/students/`.")
    place = serializers.IntegerField(min_value=0, max_value=999, help_text="The student's place in it.")
    note = serializers.CharField(max_length=MAX_NOTE, allow_blank=True, required=False, default="")


class NoShape(Shape):
    reason = serializers.ChoiceField(
        choices=NoReason.choices, allow_blank=True, required=False, default="", help_text="May be left out."
    )
    block = serializers.BooleanField(
        required=False, default=False, help_text="Nothing more from this employer, and not listed for it."
    )


class InvitationLine(serializers.ModelSerializer):
    id = serializers.CharField(source="public_id")
    project = serializers.CharField(source="project.public_id")
    title = serializers.CharField(source="project.title")
    employer = serializers.CharField(source="project.organisation.name")
    student = serializers.CharField(source="student.name")

    class Meta:
        model = Invitation
        fields = [
            "id",
            "project",
            "title",
            "employer",
            "student",
            "state",
            "created_at",
            "expires_at",
            "answered_at",
        ]


class InvitationWhole(InvitationLine):
    acts = serializers.SerializerMethodField(
        help_text="Each act with null, or with the sentence why not now. The yes is an application."
    )

    class Meta(InvitationLine.Meta):
        fields = [*InvitationLine.Meta.fields, "note", "reasons", "acts"]

    @extend_schema_field(dict)
    def get_acts(self, invitation):
        return queries.allowed_actions(self.context["request"].user, invitation)


class FaceLine(serializers.Serializer):
    """A student who fits and agreed to be found, without anything that says who it is."""

    place = serializers.IntegerField()
    reasons = serializers.ListField(child=serializers.CharField())
    skills = serializers.SerializerMethodField(help_text="Those that the project asks for, and how well.")
    other_skills = serializers.ListField(source="others", child=serializers.CharField())
    hours_free = serializers.IntegerField()
    finished = serializers.IntegerField(help_text="Projects completed here.")

    @extend_schema_field(list[dict])
    def get_skills(self, face):
        return [{"name": name, "level": level} for name, level in face.hits]


class FittingStudents(serializers.Serializer):
    key = serializers.CharField(help_text="Names this list when somebody in it is invited.")
    results = FaceLine(source="faces", many=True)


class ProjectStudents:
    """The list of students who fit; the roof joins it with the other acts on a project."""

    @answers(FittingStudents, 409)
    @action(detail=True, methods=["get"], permission_classes=[permissions.IsAuthenticated])
    def students(self, request, public_id):
        """Students who fit this project of yours and agreed to be found, in the fair order."""
        rows = posting.mine(request.user).filter(published_at__isnull=False)
        project = get_object_or_404(
            rows.prefetch_related("project_skills__skill"), public_id=self.kwargs["public_id"]
        )
        if reason := finding.why_not_find(project):
            raise WrongMoment(reason)
        return Response(FittingStudents(finding.listed(project, request.user)).data)


class InvitationRoom(Room):
    """A student's invitations, and those of one's organisations. To say yes, apply to the project."""

    serializer_class = InvitationLine
    queryset = Invitation.objects.none()
    shapes = {"create": InviteShape, "decline": NoShape, "withdraw": Nothing}

    def thing(self):
        return get_object_or_404(queries.visible_to(self.request.user), public_id=self.kwargs["public_id"])

    def whole(self, invitation, code: int = 200):
        row = queries.visible_to(self.request.user).get(pk=invitation.pk)
        return Response(InvitationWhole(row, context={"request": self.request}).data, status=code)

    @answers(
        InvitationLine(many=True),
        400,
        parameters=[
            OpenApiParameter("state", str, enum=InvitationState.values),
            OpenApiParameter("project", str),
        ],
    )
    def list(self, request):
        """Those one got and those one's organisations sent, newest first."""
        rows = queries.visible_to(request.user).order_by("-created_at", "-pk")
        if state := chosen(request.query_params, "state", InvitationState.values):
            rows = rows.filter(state=state)
        if project := request.query_params.get("project"):
            rows = rows.filter(project__public_id=project[:12].replace("\x00", ""))
        return self.get_paginated_response(InvitationLine(self.paginate_queryset(rows), many=True).data)

    @answers(InvitationWhole)
    def retrieve(self, request, public_id):
        return self.whole(self.thing())

    @answers(InvitationWhole, 400, 403, 409, status=201, request=InviteShape)
    def create(self, request):
        """Ask the student who stands at a place of a list that you were shown; their name is known from then on."""
        given = self.given()
        rows = posting.mine(request.user).filter(published_at__isnull=False)
        project = get_object_or_404(rows, public_id=given["project"])
        profile = finding.student_at(project, given["list"], given["place"])
        if profile is None:
            raise Http404
        sent = actions.invite(by=request.user, project=project, student=profile, note=given["note"])
        return self.whole(sent, status.HTTP_201_CREATED)

    @answers(InvitationWhole, 400, 403, 409, request=NoShape)
    @action(detail=True, methods=["post"])
    def decline(self, request, public_id):
        """Say no, with a reason if you like."""
        row = self.thing()
        return self.whole(actions.decline(by=request.user, invitation=row, **self.given()))

    @answers(InvitationWhole, 403, 409, request=Nothing)
    @action(detail=True, methods=["post"])
    def withdraw(self, request, public_id):
        """The employer takes it back while it is open."""
        row = self.thing()
        self.given()
        return self.whole(actions.withdraw(by=request.user, invitation=row))
