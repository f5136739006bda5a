"""What the API rooms share: shapes of input, and the list of refusals that the schema documents."""

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers, viewsets

from .errors import Invalid

PROBLEMS = {
    400: "The input has problems; `errors` names the fields",
    401: "Sign in first",
    403: "Your role may not do this",
    404: "Not there, or not yours to see",
    409: "Not now; `detail` says why",
    415: "Unknown kind of content",
    429: "Too many requests; see Retry-After",
}


class Problem(serializers.Serializer):
    """Problem details (RFC 9457)."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(required=False)
    errors = serializers.DictField(child=serializers.ListField(child=serializers.CharField()), required=False)


def answers(success, *problems: int, status: int = 200, **more):
    """`extend_schema` with the answer of success and the refusals this operation can give (always 401, 404, 429)."""
    codes = {401, 404, 429, *problems}
    described = {code: OpenApiResponse(Problem, description=PROBLEMS[code]) for code in sorted(codes)}
    return extend_schema(responses={status: success, **described}, **more)


class Shape(serializers.Serializer):
    """The shape of an input. Rules live in the actions; a field that nobody asked for is a mistake to be told."""

    def to_internal_value(self, data):
        if hasattr(data, "keys"):
            unknown = set(data.keys()) - set(self.fields) - {"csrfmiddlewaretoken"}
            if unknown:
                raise serializers.ValidationError(
                    {name: ["There is no such field here."] for name in sorted(unknown)}
                )
        return super().to_internal_value(data)


class Nothing(Shape):
    """An act that takes no input."""


class Room(viewsets.GenericViewSet):
    """A viewset whose things are found by their public id."""

    lookup_field = "public_id"
    lookup_value_regex = "[0-9a-z]{1,12}"
    shapes: dict[str, type[serializers.Serializer]] = {}  # act -> shape of its input

    def get_serializer_class(self):
        return self.shapes.get(self.action) or super().get_serializer_class()

    def given(self, shape: type[serializers.Serializer] | None = None) -> dict:
        """The input of this request in its shape, or `ValidationError` beside the field."""
        serializer = (shape or self.get_serializer_class())(data=self.request.data)
        serializer.is_valid(raise_exception=True)
        return serializer.validated_data


def chosen(query, name: str, allowed) -> str:
    """A query parameter that is one of `allowed`, or empty. Raises `Invalid` beside its name."""
    value = query.get(name, "")
    if value and value not in allowed:
        raise Invalid({name: [f"Choose one of: {', '.join(allowed)}."]})
    return value
