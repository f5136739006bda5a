"""Postings over HTTP: the same verbs as the form."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.response import Response

from accounts.employers import queries as employers
from marketplace.ground.api import Nothing, Shape, answers
from marketplace.ground.errors import NotAllowed

from . import actions, queries
from .models import Project
from .states import ClosedReason


class MilestoneShape(Shape):
    title = serializers.CharField(max_length=120, allow_blank=True)
    outcome = serializers.CharField(max_length=300, allow_blank=True, required=False, default="")
    done_when = serializers.ListField(
        child=serializers.CharField(max_length=200), required=False, default=list, max_length=8
    )
    hours = serializers.DecimalField(max_digits=5, decimal_places=1, required=False, default=0)


class DraftShape(Shape):
    """Amounts in minor units of the currency (cents); dates as YYYY-MM-DD."""

    title = serializers.CharField(max_length=120, allow_blank=True, required=False)
    function = serializers.CharField(max_length=20, allow_blank=True, required=False)
    summary = serializers.CharField(max_length=4000, allow_blank=True, required=False)
    outcome = serializers.CharField(max_length=300, allow_blank=True, required=False)
    deliverables = serializers.ListField(
        child=serializers.CharField(max_length=200), required=False, max_length=8
    )
    good_to_know = serializers.CharField(max_length=1500, allow_blank=True, required=False)
    hours = serializers.DecimalField(max_digits=5, decimal_places=1, required=False)
    price = serializers.IntegerField(min_value=1, max_value=99_999_999, required=False)
    start_on = serializers.DateField(required=False)
    due_on = serializers.DateField(required=False)
    zone = serializers.CharField(max_length=60, required=False)
    location_mode = serializers.CharField(max_length=10, required=False)
    location = serializers.CharField(max_length=120, allow_blank=True, required=False)
    ai_rule = serializers.CharField(max_length=10, required=False)
    show_right = serializers.CharField(max_length=12, required=False)
    work_authorisation = serializers.BooleanField(required=False)
    min_age = serializers.IntegerField(
        required=False, allow_null=True, min_value=16, max_value=25, help_text="Only where a law asks for it."
    )
    only_school = serializers.CharField(
        max_length=12,
        required=False,
        allow_blank=True,
        help_text="Public id of the school whose students may apply.",
    )
    names_hidden = serializers.BooleanField(required=False)
    must_skills = serializers.ListField(
        child=serializers.CharField(max_length=60), required=False, max_length=12
    )
    nice_skills = serializers.ListField(
        child=serializers.CharField(max_length=60), required=False, max_length=12
    )
    milestones = MilestoneShape(many=True, required=False)
    questions = serializers.ListField(
        child=serializers.CharField(max_length=300), required=False, max_length=3
    )


class NewProjectShape(DraftShape):
    employer = serializers.CharField(max_length=12, help_text="Public id of your organisation.")
    template = serializers.CharField(
        max_length=60, required=False, allow_blank=True, help_text="Slug of a template to start from."
    )


class PublishShape(Shape):
    """For moderators; employers send nothing."""

    reasons = serializers.CharField(max_length=1500, required=False, allow_blank=True, default="")
    below_floor = serializers.BooleanField(required=False, default=False)
    hours = serializers.BooleanField(required=False, default=False)


class EmployerLine(serializers.Serializer):
    id = serializers.CharField(source="public_id")
    name = serializers.CharField()
    verified = serializers.BooleanField(source="verified_at", help_text="Two proofs have been accepted.")


class ProjectLine(serializers.ModelSerializer):
    """A project in a list. `net` is what the student gets, `hourly_net` per estimated hour, both in minor units."""

    id = serializers.CharField(source="public_id")
    employer = EmployerLine(source="organisation")
    net = serializers.SerializerMethodField()
    hourly_net = serializers.SerializerMethodField()

    class Meta:
        model = Project
        fields = [
            "id",
            "title",
            "function",
            "outcome",
            "employer",
            "state",
            "net",
            "hourly_net",
            "currency",
            "hours",
            "start_on",
            "due_on",
            "location_mode",
            "location",
            "published_at",
            "apply_by",
            "answer_by",
        ]

    @extend_schema_field(int)
    def get_net(self, project):
        return queries.net(project)

    @extend_schema_field(int)
    def get_hourly_net(self, project):
        return queries.hourly_net(project)


class QuestionLine(serializers.Serializer):
    id = serializers.CharField(source="public_id")
    text = serializers.CharField()


class SchoolLine(serializers.Serializer):
    id = serializers.CharField(source="public_id")
    name = serializers.CharField()


class ProjectWhole(ProjectLine):
    """A whole project; price, fee and what may be done now are for the employer and moderators."""

    milestones = serializers.SerializerMethodField()
    skills = serializers.SerializerMethodField()
    questions = QuestionLine(many=True)
    only_school = SchoolLine(allow_null=True)
    mine = serializers.SerializerMethodField()

    class Meta(ProjectLine.Meta):
        fields = [
            *ProjectLine.Meta.fields,
            "summary",
            "deliverables",
            "good_to_know",
            "zone",
            "ai_rule",
            "show_right",
            "work_authorisation",
            "min_age",
            "only_school",
            "closed_reason",
            "milestones",
            "skills",
            "questions",
            "mine",
        ]

    @extend_schema_field(list[dict])
    def get_milestones(self, project):
        return [
            {"title": m.title, "outcome": m.outcome, "done_when": m.done_when, "hours": str(m.hours)}
            for m in project.milestones.all()
        ]

    @extend_schema_field(list[dict])
    def get_skills(self, project):
        return [
            {"slug": s.skill.slug, "name": s.skill.name, "must": s.must} for s in project.project_skills.all()
        ]

    @extend_schema_field(dict)
    def get_mine(self, project):
        acts = queries.allowed_actions(self.context["request"].user, project)
        if not acts:
            return None
        return {
            "price": project.price,
            "fee": queries.fee(project),
            "applications": project.application_count,
            "names_hidden": project.names_hidden,
            "acts": acts,
        }


def whole(request, project) -> dict:
    project = (
        Project.objects.select_related("organisation", "only_school")
        .prefetch_related("milestones", "questions", "project_skills__skill")
        .get(pk=project.pk)
    )
    return ProjectWhole(project, context={"request": request}).data


class ProjectActs:
    """The acts on a posting; the roof joins them with search's list."""

    shapes = {
        "create": NewProjectShape,
        "partial_update": DraftShape,
        "publish": PublishShape,
        "close": Nothing,
        "extend": Nothing,
        "duplicate": Nothing,
    }

    def thing(self):
        return get_object_or_404(queries.visible_to(self.request.user), public_id=self.kwargs["public_id"])

    @answers(ProjectWhole)
    def retrieve(self, request, public_id):
        project = self.thing()
        if not queries.sees_whole(request.user, project):  # a stranger at the address of a closed posting
            return Response(ProjectLine(project, context={"request": request}).data)
        return Response(whole(request, project))

    @answers(ProjectWhole, 400, 403, 409, status=201, request=NewProjectShape)
    def create(self, request):
        data = dict(self.given())
        organisation = get_object_or_404(employers.visible_to(request.user), public_id=data.pop("employer"))
        project = actions.start_project(
            by=request.user, organisation=organisation, template_slug=data.pop("template", "")
        )
        if data:
            project = actions.save_draft(by=request.user, project=project, data=data)
        return Response(whole(request, project), status=status.HTTP_201_CREATED)

    @answers(ProjectWhole, 400, 403, 409, request=DraftShape)
    def partial_update(self, request, public_id):
        project = actions.save_draft(by=request.user, project=self.thing(), data=dict(self.given()))
        return Response(whole(request, project))

    @answers(ProjectWhole, 400, 403, 409, request=PublishShape)
    @action(detail=True, methods=["post"])
    def publish(self, request, public_id):
        """An employer sends the draft (it is published at once for one with a record); a moderator publishes it."""
        project, given = self.thing(), self.given()
        if "publish" in queries.allowed_actions(request.user, project):
            actions.publish_project(by=request.user, project=project, **given)
        else:
            actions.send_project(by=request.user, project=project)
        return Response(whole(request, project))

    @answers(ProjectWhole, 403, 409, request=Nothing)
    @action(detail=True, methods=["post"])
    def close(self, request, public_id):
        """Close it and answer everybody who applied."""
        project = self.thing()
        self.given()
        actions.close_project(by=request.user, project=project, reason=ClosedReason.CANCELLED)
        return Response(whole(request, project))

    @answers(ProjectWhole, 403, 409, request=Nothing)
    @action(detail=True, methods=["post"])
    def extend(self, request, public_id):
        """Extend the application window, once."""
        project = self.thing()
        self.given()
        actions.extend_window(by=request.user, project=project)
        return Response(whole(request, project))

    @answers(ProjectWhole, 403, 409, status=201, request=Nothing)
    @action(detail=True, methods=["post"])
    def duplicate(self, request, public_id):
        """A new draft with the same words."""
        project = self.thing()
        self.given()
        copy = actions.duplicate_project(by=request.user, project=project)
        return Response(whole(request, copy), status=status.HTTP_201_CREATED)

    @answers(serializers.ListSerializer(child=serializers.DictField()))
    @action(detail=True, methods=["get"], url_path="brief-check", pagination_class=None, filter_backends=[])
    def brief_check(self, request, public_id):
        """What the brief check says: rule, severity (`stop` or `improve`), field, what, why, suggestion."""
        project = self.thing()
        if not queries.allowed_actions(request.user, project):
            raise NotAllowed("The brief check is for the employer.")
        return Response(
            [
                {
                    "rule": f.rule,
                    "severity": str(f.severity),
                    "field": f.field,
                    "what": f.what,
                    "why": f.why,
                    "suggestion": f.suggestion,
                }
                for f in queries.findings(project)
            ]
        )
