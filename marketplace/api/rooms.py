"""The resources of the API: each joins what the rooms bring to one noun."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import permissions, serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.skills import queries as skills
from accounts.skills.functions import Function
from accounts.users.queries import roles
from marketplace.ground.api import Room, answers
from projects.applying.api import ApplicationActs, ApplicationLine
from projects.applying.models import Application
from projects.catalog.library import all_templates
from projects.disputing.api import MilestoneDisputes
from projects.hiring.api import ApplicationOffer, EngagementLine, EngagementReading, OfferActs, OfferLine
from projects.hiring.models import Engagement, Milestone, Offer
from projects.inviting.api import ProjectStudents
from projects.posting.api import ProjectActs, ProjectLine
from projects.posting.models import Project
from projects.reviewing.api import EngagementReviews
from projects.search.api import ProjectFinding
from projects.talking.api import EngagementThread
from projects.working.api import EngagementActs, MilestoneActs, MilestoneWhole


class ProjectRoom(ProjectFinding, ProjectActs, ProjectStudents, Room):
    permission_classes = [permissions.IsAuthenticatedOrReadOnly]
    serializer_class = ProjectLine
    queryset = Project.objects.none()
    shapes = {**ProjectActs.shapes, **ProjectFinding.shapes}


class ApplicationRoom(ApplicationOffer, ApplicationActs, Room):
    serializer_class = ApplicationLine
    queryset = Application.objects.none()
    shapes = {**ApplicationActs.shapes, **ApplicationOffer.shapes}


class OfferRoom(OfferActs, Room):
    serializer_class = OfferLine
    queryset = Offer.objects.none()


class EngagementRoom(EngagementReading, EngagementActs, EngagementThread, EngagementReviews, Room):
    serializer_class = EngagementLine
    queryset = Engagement.objects.none()
    shapes = {
        **EngagementReading.shapes,
        **EngagementActs.shapes,
        **EngagementThread.shapes,
        **EngagementReviews.shapes,
    }


class MilestoneRoom(MilestoneActs, MilestoneDisputes, Room):
    serializer_class = MilestoneWhole
    queryset = Milestone.objects.none()
    shapes = {**MilestoneActs.shapes, **MilestoneDisputes.shapes}


class TemplateLine(serializers.Serializer):
    slug = serializers.CharField()
    function = serializers.CharField()
    title = serializers.CharField()
    blurb = serializers.CharField()
    outcome = serializers.CharField()
    hours = serializers.DecimalField(max_digits=5, decimal_places=1)
    suggested_price = serializers.IntegerField()
    skills = serializers.ListField(child=serializers.CharField())


class Templates(APIView):
    permission_classes = [permissions.AllowAny]

    @answers(TemplateLine(many=True), operation_id="templates_list")
    def get(self, request):
        """The library that a posting can start from."""
        return Response({"results": TemplateLine(all_templates(), many=True).data})


class Functions(APIView):
    permission_classes = [permissions.AllowAny]

    @answers(serializers.ListSerializer(child=serializers.DictField()), operation_id="functions_list")
    def get(self, request):
        """The twelve functions."""
        return Response({"results": [{"slug": slug, "name": name} for slug, name in Function.choices]})


class Skills(APIView):
    permission_classes = [permissions.AllowAny]

    @answers(serializers.ListSerializer(child=serializers.DictField()), operation_id="skills_list")
    def get(self, request):
        """Skills for what has been typed so far: `?q=`; at most eight."""
        found = skills.suggest(request.query_params.get("q", "")[:60].replace("\x00", ""))
        return Response(
            {"results": [{"slug": s.slug, "name": s.name, "function": s.function} for s in found]}
        )


class Me(APIView):
    @extend_schema(responses={200: OpenApiTypes.OBJECT}, operation_id="me")
    def get(self, request):
        """Who this token belongs to, and their organisations."""
        mine = roles(request.user)
        return Response(
            {
                "id": request.user.public_id,
                "name": request.user.name,
                "email": request.user.email,
                "roles": [
                    name for name in ("student", "employer", "school", "moderator") if getattr(mine, name)
                ],
                "organisations": [
                    {"id": m.organisation.public_id, "name": m.organisation.name, "role": m.role}
                    for m in request.user.memberships.select_related("organisation")
                ],
            }
        )
