"""What an API says about itself: its OpenAPI document, as far as descriptions are held against it.

Only documents of OpenAPI 3 in JSON are read, and only what they hold themselves: nothing is fetched
that they refer to.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from platforms.http.wire import Request, Wire
from platforms.port import PlatformRefused

Schema = Mapping[str, Any]

PLACES = (
    *("/openapi.json", "/api/openapi.json", "/docs/openapi.json", "/v1/openapi.json"),
    *("/v2/openapi.json", "/api/v1/openapi.json", "/openapi/v1.json", "/docs/json", "/api-json"),
    *("/documentation/json", "/api/docs/openapi.json", "/v3/api-docs", "/api-docs"),
    *(
        "/api/schema/?format=json",
        "/schema/?format=json",
        "/swagger.json",
        "/swagger/v1/swagger.json",
    ),
)
VERBS = ("get", "post", "put", "patch", "delete")
DONE = range(200, 300)
DEEPEST = 12
JSON = re.compile(r"application/([\w.-]+\+)?json\b", re.IGNORECASE)


class NoDocument(Exception):
    """The API has no document that can be read; the message says where it was looked for."""


class Anything(dict[str, Any]):
    """A value of which the document says nothing: whatever is looked for in it may be there."""

    def get(self, *_: Any) -> Any:
        """Return what may be there."""
        return Anything()

    def __bool__(self) -> bool:
        return True


@dataclass(frozen=True)
class Parameter:
    """A parameter of a call: in its path, query or headers."""

    place: str
    name: str
    required: bool
    schema: Schema


@dataclass(frozen=True)
class Response:
    """What a call may answer with one status; ``examples`` are whole bodies."""

    schema: Schema | None
    examples: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Operation:
    """A call that the document knows."""

    verb: str
    path: str
    words: str
    parameters: tuple[Parameter, ...]
    body: Schema | None
    body_required: bool
    responses: Mapping[int, Response]

    @property
    def said(self) -> str:
        """The call in words."""
        return f"{self.verb} {self.path}"

    @property
    def done(self) -> dict[int, Response]:
        """What it answers when it was done."""
        return {status: one for status, one in self.responses.items() if status in DONE}

    def given(self, place: str) -> dict[str, Parameter]:
        """Return its parameters of one place, by name."""
        return {one.name: one for one in self.parameters if one.place == place}

    def is_of(self, verb: str, path: str) -> bool:
        """Tell whether a description's verb and path are its own: any name in braces will do."""
        return verb == self.verb and _segments(path) == _segments(self.path)


def _segments(path: str) -> list[str]:
    return [re.sub(r"\{[^}]*\}", "{}", one) for one in path.partition("?")[0].strip("/").split("/")]


@dataclass(frozen=True)
class Document:
    """An OpenAPI document. ``place`` is where it was found; ``prefix`` stands before its paths."""

    place: str
    raw: Mapping[str, Any] = field(repr=False)
    prefix: str = ""

    @property
    def title(self) -> str:
        """What the API is called."""
        title = self.raw.get("info", {}).get("title", "")
        return title if isinstance(title, str) else ""

    @cached_property
    def operations(self) -> list[Operation]:
        """Every call that it knows."""
        return [
            self._operation(verb.upper(), path, item, item[verb])
            for path, item in self.raw.get("paths", {}).items()
            if isinstance(item, dict)
            for verb in VERBS
            if isinstance(item.get(verb), dict)
        ]

    @cached_property
    def security(self) -> list[Schema]:
        """The ways in which callers show who they are, those first that a call demands."""
        known = self.raw.get("components", {}).get("securitySchemes", {})
        asked = [self.raw.get("security"), *(one.get("security") for one in self._items())]
        named = [name for told in asked for one in told or () for name in one]
        return [self.resolved(known[name]) for name in dict.fromkeys(named) if name in known]

    def _items(self) -> Iterator[Mapping[str, Any]]:
        for item in self.raw.get("paths", {}).values():
            yield from (item[verb] for verb in VERBS if isinstance(item.get(verb), dict))

    def find(self, verb: str, path: str) -> Operation | None:
        """Return the call of a verb and a path; None where the document knows none."""
        return next((one for one in self.operations if one.is_of(verb, path)), None)

    def resolved(self, schema: Any) -> Schema:
        """Follow references, merge ``allOf``, and take the first of several that is no null."""
        for _ in range(DEEPEST):
            if not isinstance(schema, dict):
                return {}
            if "$ref" in schema:
                schema = self._at(str(schema["$ref"])) | {
                    key: value for key, value in schema.items() if key != "$ref"
                }
            elif "allOf" in schema:
                schema = self._merged(schema)
            elif kinds := schema.get("anyOf") or schema.get("oneOf"):
                schema = next((one for one in kinds if not _is_null(one)), {})
            else:
                return schema
        return {}

    def _at(self, reference: str) -> dict[str, Any]:
        found: Any = self.raw
        for part in reference.removeprefix("#/").split("/"):
            name = part.replace("~1", "/").replace("~0", "~")
            found = found.get(name, {}) if isinstance(found, dict) else {}
        return found if isinstance(found, dict) else {}

    def _merged(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        merged: dict[str, Any] = {key: value for key, value in schema.items() if key != "allOf"}
        properties = dict(merged.get("properties", {}))
        required = list(merged.get("required", []))
        for one in map(self.resolved, schema["allOf"]):
            properties |= one.get("properties", {})
            required += one.get("required", [])
            merged = dict(one) | merged
        return merged | {"properties": properties, "required": required}

    def properties(self, schema: Any) -> dict[str, Schema]:
        """Return the members of an object, each resolved."""
        told = self.resolved(schema).get("properties", {})
        return {name: self.resolved(one) for name, one in told.items()}

    def sample(self, schema: Any, depth: int = 0) -> Any:
        """Return a value of a schema in which everything is there."""
        told = self.resolved(schema)
        kind = _kind(told)
        if depth > DEEPEST:
            return Anything()
        if kind == "object":
            members = self.properties(told)
            if not members:
                return Anything()
            return {name: self.sample(one, depth + 1) for name, one in members.items()}
        if kind == "array":
            return [self.sample(told.get("items"), depth + 1)]
        if told.get("enum"):
            return told["enum"][0]
        samples = {"string": "text", "integer": 1, "number": 1.5, "boolean": True}
        return samples.get(kind, Anything())

    def _operation(
        self, verb: str, path: str, item: Mapping[str, Any], told: Mapping[str, Any]
    ) -> Operation:
        parameters = [
            self.resolved(one) for one in (*item.get("parameters", ()), *told.get("parameters", ()))
        ]
        body = self.resolved(told.get("requestBody"))
        return Operation(
            verb=verb,
            path=self.prefix + path,
            words=" ".join(
                str(told.get(name, "")) for name in ("summary", "description", "operationId")
            ),
            parameters=tuple(
                Parameter(
                    str(one.get("in", "")),
                    str(one.get("name", "")),
                    bool(one.get("required")),
                    self.resolved(one.get("schema")),
                )
                for one in parameters
            ),
            body=self._json(body.get("content", {}))[0],
            body_required=bool(body.get("required")),
            responses={
                int(status): Response(*self._json(self.resolved(one).get("content", {})))
                for status, one in told.get("responses", {}).items()
                if str(status).isdigit()
            },
        )

    def _json(self, content: Mapping[str, Any]) -> tuple[Schema | None, tuple[Any, ...]]:
        """Return the schema and examples of what is JSON; None where nothing is said of it."""
        for kind, told in content.items():
            if JSON.match(kind) and isinstance(told, dict):
                named = (self.resolved(one).get("value") for one in _values(told.get("examples")))
                examples = [*([told["example"]] if "example" in told else []), *named]
                schema = self.resolved(told["schema"]) if "schema" in told else None
                return schema, tuple(examples)
        return None, ()


def _values(told: Any) -> list[Any]:
    return list(told.values()) if isinstance(told, dict) else []


def _is_null(schema: Any) -> bool:
    return isinstance(schema, dict) and schema.get("type") == "null"


def _kind(schema: Schema) -> str:
    """Return the type of a schema's values; of several the first that is no null."""
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next((one for one in kind if one != "null"), "")
    if kind is None:
        kind = "object" if "properties" in schema else ""
        kind = kind or {str: "string", int: "integer"}.get(type(schema.get("const")), "")
    return str(kind)


def kind_of(schema: Schema) -> str:
    """Return the type of a schema's values: string, integer, number, boolean, object, array."""
    return _kind(schema)


def read(raw: Mapping[str, Any], place: str, url: str = "") -> Document:
    """Return a document; its server's path stands before its paths, unless it is in ``url``."""
    servers = raw.get("servers") or [{}]
    first = servers[0] if isinstance(servers[0], dict) else {}
    prefix = urlsplit(str(first.get("url", ""))).path.rstrip("/")
    within = urlsplit(url).path.rstrip("/")
    return Document(place, raw, "" if within.endswith(prefix) else prefix)


def find_document(wire: Wire, url: str, headers: Mapping[str, str]) -> Document:
    """Look for the document where APIs have it. Raises :class:`NoDocument`.

    ``headers`` are sent where it is refused without. Raises
    :class:`~platforms.http.wire.NoAnswer` where nobody answers at all.
    """
    wire.knock()
    for place in PLACES:
        for given in ({}, headers) if headers else ({},):
            told = look(wire, place, given)
            if isinstance(told, dict) and str(told.get("openapi", "")).startswith("3."):
                return read(told, place, url)
            if told is not None:
                break
    raise NoDocument(f"no OpenAPI document in JSON is at {', '.join(PLACES[:4])} or the like")


def look(wire: Wire, path: str, headers: Mapping[str, str]) -> Any:
    """Get what is at a path; None where it is not JSON that was answered with 200."""
    try:
        answer = wire.send(Request("GET", path, headers, None))
    except PlatformRefused:
        return None
    if answer.status not in DONE or not JSON.match(answer.headers.get("content-type", "")):
        return None
    try:
        return json.loads(answer.content)
    except ValueError:
        return None
