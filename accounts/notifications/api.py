"""One's own notifications over HTTP."""

from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.response import Response

from marketplace.ground.api import Nothing, Room, answers

from . import actions, queries
from .models import Notification


class NotificationLine(serializers.ModelSerializer):
    id = serializers.CharField(source="public_id")

    class Meta:
        model = Notification
        fields = ["id", "kind", "title", "body", "url", "created_at", "read_at"]


class NotificationRoom(Room):
    serializer_class = NotificationLine
    queryset = Notification.objects.none()
    shapes = {"read": Nothing, "read_all": Nothing}

    def _rows(self):
        return queries.visible_to(self.request.user)

    @answers(NotificationLine(many=True))
    def list(self, request):
        """Newest first; `?unread=1` only what is new."""
        rows = self._rows()
        if request.query_params.get("unread") in ("1", "true"):
            rows = rows.filter(read_at=None)
        return self.get_paginated_response(NotificationLine(self.paginate_queryset(rows), many=True).data)

    @answers(NotificationLine, request=Nothing)
    @action(detail=True, methods=["post"])
    def read(self, request, public_id):
        row = get_object_or_404(self._rows(), public_id=public_id)
        self.given()
        actions.mark_read(by=request.user, notifications=self._rows().filter(pk=row.pk))
        row.refresh_from_db()
        return Response(NotificationLine(row).data)

    @answers(None, status=204, request=Nothing)
    @action(detail=False, methods=["post"], url_path="read-all")
    def read_all(self, request):
        """Mark everything as read."""
        self.given()
        actions.mark_read(by=request.user, notifications=self._rows())
        return Response(status=status.HTTP_204_NO_CONTENT)
