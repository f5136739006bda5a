"""One's own earnings, and one's own organisation's invoices and statement, over HTTP. Amounts are minor units."""

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.employers import queries as employers
from marketplace.ground.api import Room, answers
from marketplace.ground.errors import Invalid

from ..holds.models import Release
from . import billing, earnings, entries, naming, queries, statements
from .models import Document
from .views import tax_of

YEAR = OpenApiParameter(
    "year", int, description="Only what was released in this year at the operator's place."
)
KIND = OpenApiParameter("kind", str, enum=list(Document.Kind.values))
MONTH = OpenApiParameter("month", str, description="Year and month, `2026-11`; this month when left out.")
ORGANISATION = OpenApiParameter("organisation", str, required=True, description="Its public id.")


class EarningLine(serializers.ModelSerializer):
    id = serializers.CharField(source="public_id")
    title = serializers.CharField(source="about.title")
    milestone = serializers.CharField(source="part_title")
    employer = serializers.CharField(source="about.payer")
    status = serializers.CharField(help_text="Where the money is, as a word.")
    released_at = serializers.DateTimeField(source="sent_at")
    arrives_at = serializers.DateTimeField(source="payout.arrival_at", default=None)
    arrived_at = serializers.DateTimeField(source="payout.paid_at", default=None)

    class Meta:
        model = Release
        fields = [
            "id",
            "title",
            "milestone",
            "employer",
            "status",
            "currency",
            "gross",
            "fee",
            "net",
            "due_at",
            "released_at",
            "arrives_at",
            "arrived_at",
        ]


class WaitingLine(serializers.Serializer):
    why = serializers.CharField()
    amount = serializers.IntegerField()
    text = serializers.CharField()
    until = serializers.DateTimeField(allow_null=True)


class StandingLine(serializers.Serializer):
    currency = serializers.CharField()
    held = serializers.IntegerField(help_text="Secured, not approved yet.")
    waiting = WaitingLine(many=True)
    on_its_way = serializers.IntegerField()
    arrived = serializers.IntegerField()
    taken_back = serializers.IntegerField()
    owed = serializers.IntegerField()


class YearLine(serializers.Serializer):
    currency = serializers.CharField()
    gross = serializers.IntegerField()
    fee = serializers.IntegerField()
    net = serializers.IntegerField()


class TaxLine(serializers.Serializer):
    threshold = serializers.IntegerField(help_text="US cents of gross pay in a calendar year.")
    gross = serializers.IntegerField()
    reached = serializers.BooleanField()
    words = serializers.CharField()
    by = serializers.CharField()


class EarningSummary(serializers.Serializer):
    year = serializers.IntegerField()
    totals = YearLine(many=True)
    standing = StandingLine(many=True)
    tax = TaxLine(allow_null=True)


class EarningRoom(Room):
    """What one is paid oneself."""

    serializer_class = EarningLine
    queryset = Release.objects.none()

    @answers(EarningLine(many=True), parameters=[YEAR])
    def list(self, request):
        """Each release, newest first."""
        rows = earnings.releases_of(request.user, chosen_year(request.query_params.get("year")))
        page = self.paginate_queryset(rows)
        about = naming.about({release.part.hold for release in page})
        for release in page:
            release.about = about[release.part.hold.ref]
            release.part_title = release.about.parts.get(release.part.ref, "")
        return self.get_paginated_response(EarningLine(page, many=True).data)

    @answers(EarningSummary)
    @action(detail=False)
    def summary(self, request):
        """This calendar year, and where everything stands now; never added up across currencies."""
        year = entries.today().year
        found = {
            "year": year,
            "totals": earnings.in_year(request.user, year),
            "standing": earnings.standing(request.user),
            "tax": tax_of(request.user, year),
        }
        return Response(EarningSummary(found).data)


def chosen_year(text: str | None) -> int | None:
    """Raises `Invalid` beside `year`."""
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and 2000 <= int(text) <= entries.today().year + 1):
        raise Invalid({"year": ["Write the year in four digits, for example 2026."]})
    return int(text)


class LineOfDocument(serializers.Serializer):
    text = serializers.CharField()
    amount = serializers.IntegerField()


class PartyOfDocument(serializers.Serializer):
    name = serializers.CharField()
    address = serializers.CharField()


class DocumentLine(serializers.ModelSerializer):
    id = serializers.CharField(source="public_id")
    organisation = serializers.CharField(source="payer_ref")
    corrects = serializers.CharField(source="corrects.number", default=None)
    lines = LineOfDocument(many=True)
    seller = PartyOfDocument()
    buyer = PartyOfDocument()

    class Meta:
        model = Document
        fields = [
            "id",
            "kind",
            "number",
            "organisation",
            "issued_at",
            "about",
            "payee",
            "currency",
            "lines",
            "total",
            "tax",
            "seller",
            "buyer",
            "corrects",
        ]


class DocumentRoom(mixins.RetrieveModelMixin, Room):
    """Invoices and credit notes of one's own organisations."""

    serializer_class = DocumentLine
    queryset = Document.objects.none()

    def get_queryset(self):
        return queries.documents_visible_to(self.request.user).select_related("corrects")

    @answers(DocumentLine(many=True), parameters=[KIND])
    def list(self, request):
        """Newest first."""
        rows, kind = self.get_queryset(), request.query_params.get("kind", "")
        if kind and kind not in Document.Kind.values:
            raise Invalid({"kind": [f"Choose one of: {', '.join(Document.Kind.values)}."]})
        page = self.paginate_queryset(rows.filter(kind=kind) if kind else rows)
        return self.get_paginated_response(DocumentLine(page, many=True).data)

    @answers(DocumentLine)
    def retrieve(self, request, public_id):
        """One invoice or credit note."""
        return super().retrieve(request, public_id)


class StatementRow(serializers.Serializer):
    day = serializers.DateField()
    what = serializers.CharField()
    about = serializers.CharField()
    change = serializers.IntegerField()
    fee = serializers.IntegerField()
    balance = serializers.IntegerField()


class StatementLine(serializers.Serializer):
    currency = serializers.CharField()
    opening = serializers.IntegerField()
    secured = serializers.IntegerField()
    released = serializers.IntegerField()
    fees = serializers.IntegerField()
    taken_back = serializers.IntegerField()
    refunded = serializers.IntegerField()
    charged_back = serializers.IntegerField()
    other = serializers.IntegerField()
    closing = serializers.IntegerField()
    lines = StatementRow(many=True)


class Statements(APIView):
    @extend_schema(operation_id="statements_list")
    @answers(StatementLine(many=True), 400, 403, parameters=[ORGANISATION, MONTH])
    def get(self, request):
        """An organisation's month, for its owners: opening, secured, released, fees, refunded, closing."""
        wanted = request.query_params.get("organisation", "").replace("\x00", "")
        organisation = get_object_or_404(employers.visible_to(request.user), public_id=wanted)
        billing.insist(request.user, organisation, "see_money")
        month = billing.chosen_month(request.query_params.get("month"))
        found = statements.statement(organisation.public_id, month)
        return Response({"results": StatementLine(found, many=True).data})
