"""The thread of an engagement over HTTP."""

from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.response import Response

from marketplace.ground.api import Shape, answers

from . import actions, queries
from .models import Message


class MessageShape(Shape):
    text = serializers.CharField(max_length=4000)
    form_token = serializers.CharField(
        max_length=40, required=False, default="", help_text="The same token sent again is the same message."
    )


class MessageLine(serializers.ModelSerializer):
    id = serializers.CharField(source="public_id")
    author = serializers.CharField(source="author.name")
    mine = serializers.SerializerMethodField()

    class Meta:
        model = Message
        fields = ["id", "author", "mine", "text", "at"]

    def get_mine(self, message) -> bool:
        return message.author_id == self.context["request"].user.pk


class EngagementThread:
    shapes = {"messages": MessageShape}

    @answers(MessageLine(many=True), methods=["GET"])
    @answers(MessageLine, 400, 403, 409, status=201, request=MessageShape, methods=["POST"])
    @action(detail=True, methods=["get", "post"])
    def messages(self, request, public_id):
        """GET reads the thread, newest first; POST writes into it."""
        engagement = self.thing()
        if request.method == "GET":
            page = self.paginate_queryset(queries.thread(engagement))
            return self.get_paginated_response(
                MessageLine(page, many=True, context={"request": request}).data
            )
        sent = actions.post_message(by=request.user, engagement=engagement, **self.given())
        return Response(MessageLine(sent, context={"request": request}).data, status=status.HTTP_201_CREATED)
