"""The schema as a file that is made at build time, and a page to read it by."""

from functools import cache
from io import StringIO
from pathlib import Path

import yaml
from django.conf import settings
from django.core.management import call_command
from django.http import FileResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view, authentication_classes, permission_classes
from rest_framework.permissions import AllowAny

from .problems import problem

SCHEMA = Path(__file__).parent / "schema.yml"
METHODS = ("get", "post", "put", "patch", "delete")


def written() -> str:
    """The document the code makes now, the same wherever it is made: the session cookie has its real site's name."""
    out = StringIO()
    call_command("spectacular", stdout=out)
    return out.getvalue().replace(f"name: {settings.SESSION_COOKIE_NAME}\n", "name: __Host-session\n")


@require_safe
def schema(request):
    """OpenAPI 3, as `manage.py write_schema` wrote it."""
    return FileResponse(
        SCHEMA.open("rb"), content_type="application/vnd.oai.openapi", filename="foothold.yml"
    )


@require_safe
def docs(request):
    return render(request, "api/docs.html", {"groups": operations()})


@extend_schema(exclude=True)
@api_view(["GET", "POST", "PUT", "PATCH", "DELETE"])
@authentication_classes([])
@permission_classes([AllowAny])
def nothing_here(request, rest):
    return problem(404, detail="There is no such address in the API.")


@cache
def operations() -> list[dict]:
    """The operations by noun: method, address, words, parameters, fields of the input, and answers."""
    document = yaml.safe_load(SCHEMA.read_text())
    groups: dict[str, list] = {}
    for address, methods in document["paths"].items():
        noun = address.removeprefix("/api/v1/").split("/")[0]
        for method in METHODS:
            if method in methods:
                groups.setdefault(noun, []).append(_operation(document, method, address, methods[method]))
    return [{"noun": noun, "operations": rows} for noun, rows in groups.items()]


def _operation(document, method: str, address: str, found: dict) -> dict:
    body = found.get("requestBody", {}).get("content", {})
    shape = next(iter(body.values()), {}).get("schema", {})
    return {
        "method": method.upper(),
        "address": address,
        "id": found["operationId"],
        "words": found.get("description", ""),
        "parameters": [
            {"name": p["name"], "where": p["in"], "words": p.get("description", "")}
            for p in found.get("parameters", [])
            if p["in"] == "query"
        ],
        "fields": fields(document, shape),
        "answers": [
            {"code": code, "words": a.get("description") or _title(document, a)}
            for code, a in found["responses"].items()
        ],
    }


def _resolve(document, shape: dict) -> dict:
    while "$ref" in shape:
        shape = document["components"]["schemas"][shape["$ref"].rpartition("/")[2]]
    return shape


def fields(document, shape: dict) -> list[dict]:
    """The fields of an input: name, type in words, whether it has to be there, limits."""
    shape = _resolve(document, shape)
    needed = shape.get("required", [])
    return [
        {
            "name": name,
            "type": _type(_resolve(document, field)),
            "needed": name in needed,
            "words": field.get("description", ""),
            "limit": _limit(field),
        }
        for name, field in shape.get("properties", {}).items()
    ]


def _type(field: dict) -> str:
    if "enum" in field:
        return " | ".join(str(v) for v in field["enum"])
    if field.get("type") == "array":
        return f"list of {field.get('items', {}).get('type', 'object')}"
    return field.get("format") or field.get("type", "object")


def _limit(field: dict) -> str:
    parts = [f"at most {field['maxLength']:,} characters"] if "maxLength" in field else []
    if "minimum" in field or "maximum" in field:
        parts.append(f"{field.get('minimum', '')} to {field.get('maximum', '')}")
    return ", ".join(parts)


def _title(document, answer: dict) -> str:
    shape = next(iter(answer.get("content", {}).values()), {}).get("schema", {})
    return shape.get("$ref", "").rpartition("/")[2] or "Done"
