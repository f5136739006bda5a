"""Finding projects over HTTP: the filters of the browse page."""

from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from marketplace.ground.api import Nothing, answers
from marketplace.ground.errors import WrongMoment
from projects.posting.api import ProjectLine

from . import actions
from .queries import browse, projects_of

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
        ("after", "A place in the list, from `next` or `previous`; signed, so it cannot be made up."),
    ]
]


class ProjectPage(serializers.Serializer):
    """20 projects. `count`: how many there are, exact to 1,000; beyond that it may be an estimate."""

    count = serializers.IntegerField()
    next = serializers.CharField(help_text="Query string of the next page; empty on the last one.")
    previous = serializers.CharField(help_text="Query string of the page before; empty on the first one.")
    results = ProjectLine(many=True)


class ProjectFinding:
    """List and bookmark; the roof joins them with posting's acts."""

    shapes = {"bookmark": Nothing}

    @answers(ProjectPage, 409, parameters=FILTERS)
    def list(self, request):
        """Open projects, newest first unless `sort` says otherwise, 20 at a time."""
        found = browse(request.query_params, request.user)
        if found.slow:
            raise WrongMoment("These words are in too many projects. Add a word, a function or a place.")
        lines = ProjectLine(projects_of(found.rows), many=True, context={"request": request}).data
        total = max(found.counts.about or 0, found.total)
        return Response({"count": total, "next": found.after, "previous": found.before, "results": lines})

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
