"""Calls, made of what a description writes and of the values for what it has in braces."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import quote, urlencode

from platforms.description import PLACEHOLDER, Call
from platforms.http.wire import Request
from platforms.port import PlatformRefused

Values = Mapping[str, Any]


def request(call: Call, headers: Mapping[str, str], values: Values) -> Request:
    """Return what is sent: verb, path, query, headers and body, with every value in its place."""
    verb, _, path = call.send.partition(" ")
    path = PLACEHOLDER.sub(lambda found: quote(as_text(values[found[1]]), safe=""), path)
    asked = urlencode(_fields(call.query, values), quote_via=quote)
    if asked:
        path += ("&" if "?" in path else "?") + asked
    content, kind = _content(call, values)
    own = {"Content-Type": kind} if kind else {}
    named = {name: in_text(text, values) for name, text in {**headers, **call.headers}.items()}
    if any(name.lower() == "content-type" for name in named):
        own = {}
    for name, text in named.items():
        if not text.isprintable():
            raise PlatformRefused("platform_error", f"the header {name} would break the request")
    return Request(verb, path, own | named, content)


def in_text(text: str, values: Values) -> str:
    """Fill a text."""
    return PLACEHOLDER.sub(lambda found: as_text(values[found[1]]), text)


def in_json(part: Any, values: Values) -> Any:
    """Fill a JSON value; a placeholder that stands alone becomes the value in its own type."""
    if isinstance(part, dict):
        return {name: in_json(value, values) for name, value in part.items()}
    if isinstance(part, list):
        return [in_json(value, values) for value in part]
    if not isinstance(part, str):
        return part
    alone = PLACEHOLDER.fullmatch(part)
    return values[alone[1]] if alone else in_text(part, values)


def as_text(value: Any) -> str:
    """Write a value where only text can stand."""
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def as_json(value: Any) -> str:
    """Write JSON in which a decimal is a number in full, and no float."""
    if isinstance(value, dict):
        inner = (f"{json.dumps(name)}: {as_json(part)}" for name, part in value.items())
        return f"{{{', '.join(inner)}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(as_json, value))}]"
    return f"{value:f}" if isinstance(value, Decimal) else json.dumps(value, default=str)


def _fields(fields: Mapping[str, Any], values: Values) -> list[tuple[str, str]]:
    """Fill the fields of a query or a form; each value of a list is told by itself."""
    filled = in_json(dict(fields), values)
    told = {name: value if isinstance(value, list) else [value] for name, value in filled.items()}
    return [(name, as_text(value)) for name, values in told.items() for value in values]


def _content(call: Call, values: Values) -> tuple[bytes | None, str]:
    if call.form is not None:
        fields = urlencode(_fields(call.form, values))
        return fields.encode(), "application/x-www-form-urlencoded"
    if call.body is not None:
        return as_json(in_json(call.body, values)).encode(), "application/json"
    return None, ""
