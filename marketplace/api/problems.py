"""Refusals and errors as problem details (RFC 9457), with the messages of each field under `errors`."""

from django.core.exceptions import ValidationError
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import exception_handler, set_rollback

from marketplace.ground.errors import refusal_of

TITLES = {
    400: "The input has problems",
    401: "Sign in first",
    403: "Not allowed",
    404: "Not found",
    405: "This address does not take that method",
    406: "Not available in that form",
    409: "Not now",
    413: "Too large",
    415: "Unknown kind of content",
    422: "The input has problems",
    429: "Too many requests",
}


def handler(error, context):
    """DRF exception handler: what actions refuse with becomes the same answer as on a page."""
    if refusal := refusal_of(error):
        set_rollback()
        return problem(refusal.status, detail=refusal.reason)
    if isinstance(error, ValidationError):
        set_rollback()
        fields = error.message_dict if hasattr(error, "error_dict") else {"non_field_errors": error.messages}
        return problem(status.HTTP_400_BAD_REQUEST, errors=fields)
    if isinstance(error, RecursionError):  # JSON nested deeper than any input of ours
        return problem(status.HTTP_400_BAD_REQUEST, detail="This JSON is nested too deeply.")
    response = exception_handler(error, context)
    if response is None:
        return None
    if isinstance(error, exceptions.ValidationError):
        data = response.data if isinstance(response.data, dict) else {"non_field_errors": response.data}
        return problem(response.status_code, errors=data, headers=response.headers)
    detail = response.data.get("detail", "") if isinstance(response.data, dict) else ""
    return problem(response.status_code, detail=str(detail), headers=response.headers)


def problem(code: int, *, detail: str = "", errors=None, headers=None) -> Response:
    body = {"type": "about:blank", "title": TITLES.get(code, "Error"), "status": code}
    if detail:
        body["detail"] = detail
    if errors:
        body["errors"] = errors
    response = Response(body, status=code, content_type="application/problem+json")
    for name in ("WWW-Authenticate", "Retry-After", "Allow"):
        if headers and name in headers:
            response[name] = headers[name]
    return response
