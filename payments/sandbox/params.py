"""Reading what was sent: Stripe's bracketed forms (v1) and JSON (v2), checked against what we know how to
honour.
"""

import json
import re
from urllib.parse import parse_qsl

from .refusal import Refusal

MAX_AMOUNT = 99_999_999


def read(request) -> dict:
    """The request's parameters as nested data; strings from a form, typed values from JSON."""
    if request.method == "GET":
        return _nested(parse_qsl(request.META.get("QUERY_STRING", ""), keep_blank_values=True))
    if request.path.startswith("/v2/"):
        try:
            found = json.loads(request.body or b"{}")
        except ValueError:
            raise Refusal("Invalid JSON") from None
        if not isinstance(found, dict):
            raise Refusal("The body must be an object")
        return found
    return _nested(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))


def _nested(pairs) -> dict:
    root: dict = {}
    for name, value in pairs:
        path = [name.split("[", 1)[0], *re.findall(r"\[([^\]]*)\]", name)]
        here = root
        for step, following in zip(path, [*path[1:], None], strict=True):
            step = str(len(here)) if step == "" else step
            if following is None:
                here[step] = value
            else:
                here = here.setdefault(step, {})
                if not isinstance(here, dict):
                    raise Refusal(f"Invalid parameter: {name}", param=name)
    return _lists(root)


def _lists(value):
    if not isinstance(value, dict):
        return value
    inner = {key: _lists(item) for key, item in value.items()}
    if inner and all(key.isdigit() for key in inner):
        return [inner[key] for key in sorted(inner, key=int)]
    return inner


def known(found: dict, allowed: set, required=(), path="") -> None:
    """Refuse a parameter that Stripe would not know, and a required one that is not there."""
    if not isinstance(found, dict):
        raise Refusal(f"Invalid object: {path}", param=path)
    for name in found:
        if name not in allowed:
            full = f"{path}[{name}]" if path else name
            raise Refusal(f"Received unknown parameter: {full}", code="parameter_unknown", param=full)
    for name in required:
        if found.get(name) in (None, "", [], {}):
            full = f"{path}[{name}]" if path else name
            raise Refusal(f"Missing required param: {full}.", code="parameter_missing", param=full)


def amount(value, param="amount") -> int:
    if not (isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,18}", value)):
        raise Refusal(f"Invalid integer: {value}", code="parameter_invalid_integer", param=param)
    if int(value) < 1:
        raise Refusal(
            "This value must be greater than or equal to 1.", code="parameter_invalid_integer", param=param
        )
    if int(value) > MAX_AMOUNT:
        raise Refusal("Amount must be no more than $999,999.99", code="amount_too_large", param=param)
    return int(value)


def integer(value, param) -> int:
    if not (isinstance(value, str) and re.fullmatch(r"[0-9]{1,12}", value)):
        raise Refusal(f"Invalid integer: {value}", code="parameter_invalid_integer", param=param)
    return int(value)


def currency(value) -> str:
    if not (isinstance(value, str) and re.fullmatch(r"[a-z]{3}", value)):
        raise Refusal(f"Invalid currency: {value}", param="currency")
    return value


def metadata(found: dict) -> dict:
    given = found.get("metadata") or {}
    if not isinstance(given, dict) or len(given) > 50:
        raise Refusal("Invalid metadata", param="metadata")
    return {str(key)[:40]: str(value)[:500] for key, value in given.items()}
