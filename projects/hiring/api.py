"""Offers and engagements over HTTP."""

from django.urls import reverse
from drf_spectacular.utils import OpenApiParameter, extend_schema_field
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.response import Response

from marketplace.ground.api import Nothing, Shape, answers, chosen
from marketplace.ground.errors import NotAllowed
from payments.holds import actions as holds
from payments.holds.queries import hold_for

from . import actions, queries
from .models import Engagement, Milestone, Offer
from .states import EngagementState, OfferState


class OfferShape(Shape):
    start_on = serializers.DateField(required=False, help_text="The project's own dates when left out.")
    due_on = serializers.DateField(required=False)
    message = serializers.CharField(max_length=1200, allow_blank=True, required=False, default="")


class NoteShape(Shape):
    note = serializers.CharField(max_length=600, allow_blank=True, required=False, default="")


class OfferLine(serializers.ModelSerializer):
    id = serializers.CharField(source="public_id")
    project = serializers.CharField(source="project.public_id")
    title = serializers.CharField(source="project.title")
    employer = serializers.CharField(source="project.organisation.name")
    application = serializers.CharField(source="application.public_id")
    acts = serializers.SerializerMethodField()

    class Meta:
        model = Offer
        fields = [
            "id",
            "project",
            "title",
            "employer",
            "application",
            "state",
            "message",
            "start_on",
            "due_on",
            "created_at",
            "expires_at",
            "answered_at",
            "acts",
        ]

    @extend_schema_field(dict)
    def get_acts(self, offer):
        return queries.allowed_actions(self.context["request"].user, offer)


class MilestoneLine(serializers.ModelSerializer):
    id = serializers.CharField(source="public_id")
    net = serializers.IntegerField(help_text="The student's share, in minor units.")

    class Meta:
        model = Milestone
        fields = [
            "id",
            "order",
            "title",
            "outcome",
            "done_when",
            "hours",
            "net",
            "state",
            "due_at",
            "submitted_at",
            "review_ends_at",
            "approved_at",
            "approved_by_silence",
            "rounds_used",
        ]


class EngagementLine(serializers.ModelSerializer):
    id = serializers.CharField(source="public_id")
    project = serializers.CharField(source="project.public_id")
    employer = serializers.CharField(source="organisation.name")
    student = serializers.CharField(source="student.name")
    net = serializers.IntegerField(help_text="What the student gets for the whole, in minor units.")

    class Meta:
        model = Engagement
        fields = [
            "id",
            "project",
            "title",
            "employer",
            "student",
            "state",
            "end_reason",
            "net",
            "currency",
            "hours",
            "fund_by",
            "funded_at",
            "start_on",
            "due_on",
            "started_at",
            "ended_at",
            "review_until",
        ]


class EngagementWhole(EngagementLine):
    milestones = MilestoneLine(many=True)
    money = serializers.SerializerMethodField(
        help_text="Minor units; gross for the employer, net for the student."
    )
    agreement = serializers.SerializerMethodField(help_text="The text both sides accepted, and its SHA-256.")
    acts = serializers.SerializerMethodField()

    class Meta(EngagementLine.Meta):
        fields = [*EngagementLine.Meta.fields, "milestones", "money", "agreement", "acts"]

    @extend_schema_field(dict)
    def get_money(self, engagement):
        hold = hold_for(engagement.hold.ref) if engagement.hold_id else None
        if hold is None:
            return None
        figures = hold.figures()
        if queries.side_of(self.context["request"].user, engagement) == "student":
            return {name: figures[f"net_{name}"] for name in ("held", "releasing", "released", "paid_out")}
        return {
            name: figures[name]
            for name in (
                "price",
                "fee",
                "secured",
                "held",
                "releasing",
                "released",
                "paid_out",
                "refunding",
                "refunded",
            )
        }

    @extend_schema_field(dict)
    def get_agreement(self, engagement):
        agreement = getattr(engagement, "agreement", None)
        return {"text": agreement.text, "sha256": agreement.digest} if agreement else None

    @extend_schema_field(dict)
    def get_acts(self, engagement):
        return queries.allowed_actions(self.context["request"].user, engagement)


class FundingLink(serializers.Serializer):
    url = serializers.URLField(help_text="Stripe's page for the whole price; open it in a browser.")


def whole(request, engagement) -> dict:
    row = (
        queries.visible_to(request.user)
        .select_related("hold", "agreement")
        .prefetch_related("milestones")
        .get(pk=engagement.pk)
    )
    return EngagementWhole(row, context={"request": request}).data


class ApplicationOffer:
    """The offer to an applicant, beside the acts of applying."""

    shapes = {"offer": OfferShape}

    @answers(OfferLine, 400, 403, 409, status=201, request=OfferShape)
    @action(detail=True, methods=["post"])
    def offer(self, request, public_id):
        """Offer the work to this applicant."""
        application = self.thing()
        given = self.given()
        if application.student_id == request.user.pk and not request.user.is_staff:
            raise NotAllowed("Only the employer makes offers.")
        start_on, due_on = queries.suggested_dates(application.project)
        made = actions.make_offer(
            by=request.user,
            application=application,
            message=given["message"],
            start_on=given.get("start_on", start_on),
            due_on=given.get("due_on", due_on),
        )
        return Response(OfferLine(made, context={"request": request}).data, status=status.HTTP_201_CREATED)


class OfferActs:
    shapes = {"accept": Nothing, "decline": NoteShape, "withdraw": Nothing}

    def thing(self):
        return get_object_or_404(
            queries.offers_visible_to(self.request.user), public_id=self.kwargs["public_id"]
        )

    def _line(self, offer):
        offer = queries.offers_visible_to(self.request.user).get(pk=offer.pk)
        return Response(OfferLine(offer, context={"request": self.request}).data)

    @answers(OfferLine(many=True), 400, parameters=[OpenApiParameter("state", str, enum=OfferState.values)])
    def list(self, request):
        rows = queries.offers_visible_to(request.user).order_by("-created_at", "-pk")
        if state := chosen(request.query_params, "state", OfferState.values):
            rows = rows.filter(state=state)
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(OfferLine(page, many=True, context={"request": request}).data)

    @answers(OfferLine)
    def retrieve(self, request, public_id):
        return self._line(self.thing())

    @answers(EngagementWhole, 403, 409, status=201, request=Nothing)
    @action(detail=True, methods=["post"])
    def accept(self, request, public_id):
        """Accept as it was read: the agreement is frozen, and the employer is asked to secure the funds."""
        offer = self.thing()
        self.given()
        made = actions.accept_offer(by=request.user, offer=offer)
        return Response(whole(request, made), status=status.HTTP_201_CREATED)

    @answers(OfferLine, 400, 403, 409, request=NoteShape)
    @action(detail=True, methods=["post"])
    def decline(self, request, public_id):
        offer = self.thing()
        actions.decline_offer(by=request.user, offer=offer, note=self.given()["note"])
        return self._line(offer)

    @answers(OfferLine, 403, 409, request=Nothing)
    @action(detail=True, methods=["post"])
    def withdraw(self, request, public_id):
        offer = self.thing()
        self.given()
        actions.withdraw_offer(by=request.user, offer=offer)
        return self._line(offer)


class EngagementReading:
    """Engagements to read, and the way to pay; working, talking and reviewing add their acts."""

    shapes = {"fund": Nothing}

    def thing(self):
        return get_object_or_404(queries.visible_to(self.request.user), public_id=self.kwargs["public_id"])

    @answers(
        EngagementLine(many=True),
        400,
        parameters=[OpenApiParameter("state", str, enum=EngagementState.values)],
    )
    def list(self, request):
        rows = queries.visible_to(request.user).order_by("-created_at", "-pk")
        if state := chosen(request.query_params, "state", EngagementState.values):
            rows = rows.filter(state=state)
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(EngagementLine(page, many=True, context={"request": request}).data)

    @answers(EngagementWhole)
    def retrieve(self, request, public_id):
        return Response(whole(request, self.thing()))

    @answers(FundingLink, 403, 409, request=Nothing)
    @action(detail=True, methods=["post"])
    def fund(self, request, public_id):
        """The address of Stripe's page where the employer pays the whole price."""
        engagement = self.thing()
        self.given()
        back = request.build_absolute_uri(reverse("hiring:funding-return", args=[engagement.public_id]))
        funding = actions.start_funding(
            by=request.user, engagement=engagement, success_url=back, cancel_url=back
        )
        return Response({"url": request.build_absolute_uri(holds.funding_url(funding))})
