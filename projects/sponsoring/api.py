"""Wallets and requests for sponsorship over HTTP. Amounts are minor units."""

from drf_spectacular.utils import OpenApiParameter, extend_schema_field
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.response import Response

from marketplace.ground.api import Nothing, Room, Shape, answers, chosen
from marketplace.ground.errors import Invalid
from payments.wallets import queries as wallets
from payments.wallets.models import Wallet
from projects.posting import queries as posting

from . import actions, figures, queries
from .models import Draw, Programme
from .states import DrawState


class WalletLine(serializers.ModelSerializer):
    id = serializers.CharField(source="public_id")
    sponsor = serializers.CharField()

    class Meta:
        model = Wallet
        fields = ["id", "sponsor", "state", "currency", "low_at", "created_at"]


class WalletMoney(serializers.Serializer):
    received = serializers.IntegerField()
    free = serializers.IntegerField()
    promised = serializers.IntegerField()
    with_projects = serializers.IntegerField()
    spent = serializers.IntegerField()
    returned = serializers.IntegerField()
    paid_back = serializers.IntegerField()
    disputed = serializers.IntegerField()
    charged_back = serializers.IntegerField()
    questioned = serializers.IntegerField()


class WalletWhole(WalletLine):
    money = serializers.SerializerMethodField()

    class Meta(WalletLine.Meta):
        fields = [*WalletLine.Meta.fields, "money"]

    @extend_schema_field(WalletMoney)
    def get_money(self, wallet):
        return WalletMoney(figures.figures_of(wallet)).data


class WalletRoom(Room):
    """The wallets that one looks after."""

    serializer_class = WalletLine
    queryset = Wallet.objects.none()

    @answers(WalletLine(many=True))
    def list(self, request):
        page = self.paginate_queryset(wallets.visible_to(request.user).order_by("-id"))
        return self.get_paginated_response(WalletLine(page, many=True).data)

    @answers(WalletWhole)
    def retrieve(self, request, public_id):
        wallet = get_object_or_404(wallets.visible_to(request.user), public_id=public_id)
        return Response(WalletWhole(wallet).data)


class DrawLine(serializers.ModelSerializer):
    id = serializers.CharField(source="public_id")
    project = serializers.CharField(source="project.public_id")
    title = serializers.CharField(source="project.title")
    employer = serializers.CharField(source="project.organisation.name")
    sponsor = serializers.CharField(source="programme.wallet.sponsor")
    programme = serializers.CharField(source="programme.public_id")

    class Meta:
        model = Draw
        fields = [
            *("id", "project", "title", "employer", "sponsor", "programme", "state", "share_bp"),
            *("promised", "used", "note", "answer", "asked_at", "decided_at"),
        ]


class DrawWhole(DrawLine):
    acts = serializers.SerializerMethodField()

    class Meta(DrawLine.Meta):
        fields = [*DrawLine.Meta.fields, "acts"]

    @extend_schema_field(dict)
    def get_acts(self, draw):
        return queries.allowed_actions(self.context["request"].user, draw)


class AskShape(Shape):
    project = serializers.CharField(max_length=12)
    programme = serializers.CharField(max_length=12)
    note = serializers.CharField(max_length=600, allow_blank=True, required=False, default="")


class ReasonShape(Shape):
    reason = serializers.CharField(max_length=600)


class DrawRoom(Room):
    """Requests for sponsorship: those of one's organisations, and those to one's wallets."""

    serializer_class = DrawLine
    queryset = Draw.objects.none()
    shapes = {"create": AskShape, "approve": Nothing, "decline": ReasonShape, "withdraw": Nothing}

    def thing(self) -> Draw:
        return get_object_or_404(queries.visible_to(self.request.user), public_id=self.kwargs["public_id"])

    def _whole(self, draw, code=status.HTTP_200_OK):
        row = queries.visible_to(self.request.user).get(pk=draw.pk)
        return Response(DrawWhole(row, context={"request": self.request}).data, status=code)

    @answers(DrawLine(many=True), 400, parameters=[OpenApiParameter("state", str, enum=DrawState.values)])
    def list(self, request):
        rows = queries.visible_to(request.user).order_by("-id")
        if state := chosen(request.query_params, "state", DrawState.values):
            rows = rows.filter(state=state)
        return self.get_paginated_response(DrawLine(self.paginate_queryset(rows), many=True).data)

    @answers(DrawWhole)
    def retrieve(self, request, public_id):
        return self._whole(self.thing())

    @answers(DrawWhole, 400, 403, 409, status=201, request=AskShape)
    def create(self, request):
        """Ask a sponsor's programme to pay its share of a project."""
        given = self.given()
        project = get_object_or_404(posting.managed_by(request.user), public_id=given["project"])
        programme = Programme.objects.filter(public_id=given["programme"], state="open").first()
        if programme is None:
            raise Invalid({"programme": ["There is no open programme of this id."]})
        made = actions.ask_sponsorship(
            by=request.user, project=project, programme=programme, note=given["note"]
        )
        return self._whole(made, status.HTTP_201_CREATED)

    @answers(DrawWhole, 403, 409, request=Nothing)
    @action(detail=True, methods=["post"])
    def approve(self, request, public_id):
        """Say yes: the amount is set aside until a student accepts the work."""
        draw = self.thing()
        self.given()
        return self._whole(actions.approve_draw(by=request.user, draw=draw))

    @answers(DrawWhole, 400, 403, 409, request=ReasonShape)
    @action(detail=True, methods=["post"])
    def decline(self, request, public_id):
        draw = self.thing()
        return self._whole(actions.decline_draw(by=request.user, draw=draw, reason=self.given()["reason"]))

    @answers(DrawWhole, 403, 409, request=Nothing)
    @action(detail=True, methods=["post"])
    def withdraw(self, request, public_id):
        """Do without a sponsor: what was set aside is free again."""
        draw = self.thing()
        self.given()
        return self._whole(actions.withdraw_request(by=request.user, draw=draw))
