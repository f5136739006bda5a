"""Finding projects over HTTP: the filters of the browse page."""

from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.response import Response

from marketplace.ground.api import Nothing, answers
from projects.posting.api import ProjectLine

from . import actions
from .queries import browse

FILTERS = [
    OpenApiParameter(name, str, description=text)
    for name, text in [
        ("q", "Words to look for; “quotes” and -minus work."),
        ("function", "One of the twelve functions; may be repeated."),
        ("place", "remote, hybrid or onsite; may be repeated."),
        ("skill", "Slug of a skill; may be repeated."),
        ("hours_min", "Estimated hours, at least."),
        ("hours_max", "Estimated hours, at most."),
        ("pay_min", "Student's net in whole units of currency, at least."),
        ("pay_max", "Student's net, at most."),
        ("sort", "new, closing, pay, rate or fewest."),
        ("page", "Page of 20."),
    ]
]


class ProjectPage(serializers.Serializer):
    count = serializers.IntegerField()
    pages = serializers.IntegerField()
    results = ProjectLine(many=True)


class ProjectFinding:
    """List and bookmark; the roof joins them with posting's acts."""

    shapes = {"bookmark": Nothing}

    @answers(ProjectPage, parameters=FILTERS)
    def list(self, request):
        """Open projects, newest first unless `sort` says otherwise."""
        found = browse(request.query_params, request.user)
        if (request.query_params.get("page") or "1") != str(found.page.number):
            raise NotFound("There is no such page.")
        lines = ProjectLine(found.page.object_list, many=True, context={"request": request}).data
        return Response({"count": found.total, "pages": found.page.paginator.num_pages, "results": lines})

    @answers(None, 403, status=204, request=Nothing)
    @action(detail=True, methods=["post", "delete"])
    def bookmark(self, request, public_id):
        """POST saves the project, DELETE lets it go."""
        project = self.thing()
        if request.method == "DELETE":
            actions.unsave_project(by=request.user, project=project)
        else:
            self.given(Nothing)
            actions.save_project(by=request.user, project=project)
        return Response(status=204)
