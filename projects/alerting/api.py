"""Saved searches over HTTP."""

from django.http import QueryDict
from rest_framework import serializers, status
from rest_framework.generics import get_object_or_404
from rest_framework.response import Response

from marketplace.ground.api import Room, Shape, answers

from . import actions, feeds, queries
from .models import SavedSearch

LONGEST = 900  # of a filter, as it is kept


class SaveShape(Shape):
    query = serializers.CharField(
        max_length=LONGEST,
        allow_blank=True,
        help_text="The filter as a query string of `projects/`, for example `function=data&rate=25`; order and page are left out.",
    )
    name = serializers.CharField(
        max_length=actions.MAX_NAME,
        allow_blank=True,
        required=False,
        default="",
        help_text="Made from the filter when left out.",
    )
    how = serializers.ChoiceField(choices=SavedSearch.How.choices, default=SavedSearch.How.DAILY)


class ChangeShape(Shape):
    name = serializers.CharField(max_length=actions.MAX_NAME, required=False)
    how = serializers.ChoiceField(choices=SavedSearch.How.choices, required=False)


class SearchLine(serializers.ModelSerializer):
    id = serializers.CharField(source="public_id")
    feed = serializers.SerializerMethodField(help_text="Address of the same filter as an Atom feed.")

    class Meta:
        model = SavedSearch
        fields = ["id", "name", "how", "query", "feed", "created_at"]

    def get_feed(self, search) -> str:
        return feeds.address("alerting:atom", search.query)


class SearchRoom(Room):
    """One's own saved searches, at most twenty."""

    serializer_class = SearchLine
    queryset = SavedSearch.objects.none()
    shapes = {"create": SaveShape, "partial_update": ChangeShape}

    def thing(self):
        return get_object_or_404(queries.visible_to(self.request.user), public_id=self.kwargs["public_id"])

    @answers(SearchLine(many=True))
    def list(self, request):
        """Newest first."""
        page = self.paginate_queryset(queries.visible_to(request.user))
        return self.get_paginated_response(SearchLine(page, many=True).data)

    @answers(SearchLine)
    def retrieve(self, request, public_id):
        return Response(SearchLine(self.thing()).data)

    @answers(SearchLine, 400, 409, status=201, request=SaveShape)
    def create(self, request):
        """Keep a filter. The same filter again changes the search that is there."""
        given = self.given()
        params = QueryDict(given.pop("query").removeprefix("?"))
        saved = actions.save_search(by=request.user, params=params, **given)
        return Response(SearchLine(saved).data, status=status.HTTP_201_CREATED)

    @answers(SearchLine, 400, request=ChangeShape)
    def partial_update(self, request, public_id):
        """Another name or rhythm."""
        search = self.thing()
        given = {"name": search.name, "how": search.how} | self.given()
        return Response(SearchLine(actions.change_search(search=search, **given)).data)

    @answers(None, status=204)
    def destroy(self, request, public_id):
        """Let it go, and what it found."""
        actions.delete_search(search=self.thing())
        return Response(status=status.HTTP_204_NO_CONTENT)
