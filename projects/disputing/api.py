"""Disputes over HTTP: opening one about a milestone, reading, answering, agreeing, appealing. Amounts are minor units."""

from django.urls import reverse
from drf_spectacular.utils import OpenApiParameter, extend_schema_field
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.response import Response

from marketplace.ground.api import Nothing, Room, Shape, answers, chosen

from . import actions, queries
from .inputs import MAX_FILES, MAX_WORDS
from .models import Dispute, Side, Statement
from .states import DisputeState


class StatementShape(Shape):
    amount = serializers.IntegerField(
        help_text="What the student should get of the milestone, net: 0 to its whole pay."
    )
    text = serializers.CharField(max_length=MAX_WORDS)
    files = serializers.ListField(
        child=serializers.FileField(), required=False, default=list, max_length=MAX_FILES
    )


class AmountShape(Shape):
    amount = serializers.IntegerField(help_text="The other side's amount that you accept.")


class WordsShape(Shape):
    text = serializers.CharField(max_length=MAX_WORDS)


class DisputeFileLine(serializers.Serializer):
    id = serializers.CharField()
    name = serializers.CharField()
    size = serializers.IntegerField()
    url = serializers.URLField()


class DisputeStatementLine(serializers.ModelSerializer):
    files = serializers.SerializerMethodField()

    class Meta:
        model = Statement
        fields = ["kind", "side", "amount", "text", "at", "files"]

    @extend_schema_field(DisputeFileLine(many=True))
    def get_files(self, statement):
        return [
            {
                "id": file.public_id,
                "name": file.name,
                "size": file.size,
                "url": self.context["request"].build_absolute_uri(
                    reverse("disputing:file", args=[file.public_id])
                ),
            }
            for file in statement.files.all()
        ]


class DisputeLine(serializers.ModelSerializer):
    id = serializers.CharField(source="public_id")
    engagement = serializers.CharField(source="engagement.public_id")
    milestone = serializers.CharField(source="milestone.public_id")
    title = serializers.CharField(source="milestone.title")
    currency = serializers.CharField(source="engagement.currency")
    whole = serializers.IntegerField(source="milestone.net", help_text="The whole pay of the milestone, net.")
    waits_for = serializers.SerializerMethodField()
    until = serializers.SerializerMethodField()

    class Meta:
        model = Dispute
        fields = [
            *("id", "engagement", "milestone", "title", "state", "side", "currency", "whole", "asked"),
            *("offered", "decided", "pays", "how", "waits_for", "until", "opened_at", "closed_at"),
        ]

    @extend_schema_field(serializers.ChoiceField(choices=[*Side.values, "both", "nobody"]))
    def get_waits_for(self, dispute):
        return queries.waits_for(dispute)[0]

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_until(self, dispute):
        at = queries.waits_for(dispute)[1]
        return serializers.DateTimeField().to_representation(at) if at else None


class DisputeWhole(DisputeLine):
    statements = DisputeStatementLine(many=True)
    acts = serializers.SerializerMethodField()

    class Meta(DisputeLine.Meta):
        fields = [*DisputeLine.Meta.fields, "statements", "acts"]

    @extend_schema_field(dict)
    def get_acts(self, dispute):
        acts = queries.allowed_actions(self.context["request"].user, dispute)
        return {name: why for name, why in acts.items() if name != "decide"}


def whole(request, dispute: Dispute, code: int = status.HTTP_200_OK) -> Response:
    row = queries.with_words(queries.visible_to(request.user)).get(pk=dispute.pk)
    return Response(DisputeWhole(row, context={"request": request}).data, status=code)


class MilestoneDisputes:
    shapes = {"disputes": StatementShape}

    @answers(DisputeWhole, 400, 403, 409, 415, status=201, request=StatementShape)
    @action(detail=True, methods=["post"])
    def disputes(self, request, public_id):
        """Open a dispute about this milestone's held money (JSON, or multipart with files); every date stands still."""
        milestone = self.thing()
        made = actions.open_dispute(by=request.user, milestone=milestone, **self.given())
        return whole(request, made, status.HTTP_201_CREATED)


class DisputeRoom(Room):
    """The disputes of one's engagements."""

    serializer_class = DisputeLine
    queryset = Dispute.objects.none()
    shapes = {
        "answer": StatementShape,
        "accept": AmountShape,
        "withdraw": Nothing,
        "accept_decision": Nothing,
        "appeal": WordsShape,
    }

    def thing(self) -> Dispute:
        return get_object_or_404(queries.visible_to(self.request.user), public_id=self.kwargs["public_id"])

    @answers(
        DisputeLine(many=True), 400, parameters=[OpenApiParameter("state", str, enum=DisputeState.values)]
    )
    def list(self, request):
        rows = queries.visible_to(request.user).order_by("-opened_at", "-id")
        if state := chosen(request.query_params, "state", DisputeState.values):
            rows = rows.filter(state=state)
        return self.get_paginated_response(DisputeLine(self.paginate_queryset(rows), many=True).data)

    @answers(DisputeWhole)
    def retrieve(self, request, public_id):
        return whole(request, self.thing())

    @answers(DisputeWhole, 400, 403, 409, 415, request=StatementShape)
    @action(detail=True, methods=["post"])
    def answer(self, request, public_id):
        """Name another amount, and say why; the very amount that was asked settles it."""
        dispute = self.thing()
        return whole(request, actions.answer_dispute(by=request.user, dispute=dispute, **self.given()))

    @answers(DisputeWhole, 400, 403, 409, request=AmountShape)
    @action(detail=True, methods=["post"])
    def accept(self, request, public_id):
        """Accept the other side's amount: the money moves at once."""
        dispute = self.thing()
        return whole(
            request,
            actions.accept_amount(by=request.user, dispute=dispute, amount=self.given()["amount"]),
        )

    @answers(DisputeWhole, 403, 409, request=Nothing)
    @action(detail=True, methods=["post"])
    def withdraw(self, request, public_id):
        """Take back what one has opened: everything goes on."""
        dispute = self.thing()
        self.given()
        return whole(request, actions.withdraw_dispute(by=request.user, dispute=dispute))

    @answers(DisputeWhole, 403, 409, request=Nothing)
    @action(detail=True, methods=["post"], url_path="accept-decision")
    def accept_decision(self, request, public_id):
        """Accept the moderator's decision: when both sides have, the money moves at once."""
        dispute = self.thing()
        self.given()
        return whole(request, actions.accept_decision(by=request.user, dispute=dispute))

    @answers(DisputeWhole, 400, 403, 409, request=WordsShape)
    @action(detail=True, methods=["post"])
    def appeal(self, request, public_id):
        """Ask, once, that another moderator decides for good."""
        dispute = self.thing()
        return whole(request, actions.appeal(by=request.user, dispute=dispute, text=self.given()["text"]))
