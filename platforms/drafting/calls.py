"""Which call of an API drafts, cancels, issues: by verb, path and words, each with a score."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from platforms.drafting.naming import TABLES, parts, snake
from platforms.openapi import Document, Operation, Parameter, Schema, kind_of

# What stands last in the path of a call about an invoice.
ACTIONS: Mapping[str, frozenset[str]] = {
    "preview": frozenset(
        {"preview", "quote", "estimate", "simulate", "simulation", "calculate", "dry_run"}
    ),
    "draft": frozenset({"draft", "generate", "create", "run"}),
    "cancel": frozenset({"cancel", "discard", "delete", "withdraw"}),
    "issue": frozenset(
        {"issue", "send", "finalize", "finalise", "approve", "publish", "confirm", "submit"}
    ),
    "mark_paid": frozenset({"mark_paid", "pay", "paid", "payment", "settle", "record_payment"}),
    "void": frozenset({"void", "revoke", "annul", "reverse", "credit", "credit_note", "refund"}),
}
ORDER = ("preview", "draft", "cancel", "issue", "mark_paid", "void", "find")
CERTAIN = 9
INVOICES = frozenset({"invoice", "bill", "statement"})
_TENANTS = "|".join(TABLES["tenants"])
TENANT = re.compile(rf"({_TENANTS})(_?(id|uuid|key))?")
START = re.compile(r"(billing_)?(period_(start|from)|starts?(_at|_on|_date)?|from(_date)?)")
END = re.compile(r"(billing_)?(period_(end|to|until)|ends?(_at|_on|_date)?|to(_date)?|until)")
MONTH = re.compile(r"(billing_|invoice_)?(month|period)")
TOTAL = re.compile(r"((paid|payment|total)_)?(amount|total)(_(cents|minor|value|due))?")
CURRENCY = re.compile(r"currency(_code)?")
KEY = re.compile(r"(x_)?(idempotency|request|dedupe?)_(key|id|token)")
INVOICE = re.compile(r"(invoice|bill)(_?(id|uuid))?")
_INSTANT = ("2026-02-01T00:00:00Z", "%Y-%m-%dT%H:%M:%SZ")
_WRITTEN = (_INSTANT, ("2026-02-01", "%Y-%m-%d"), ("2026-02", "%Y-%m"), ("202602", "%Y%m"))


@dataclass
class DraftedCall:
    """A call as it is to be described; ``period`` is how it writes bounds, if it says them."""

    operation: Operation
    query: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, Any] = field(default_factory=dict)
    body: dict[str, Any] | None = None
    period: str = ""
    asked: list[str] = field(default_factory=list)
    invoice: str = ""

    @property
    def send(self) -> str:
        """Verb and path, with the description's names in braces."""
        return f"{self.operation.verb} {self._path}"

    @property
    def _path(self) -> str:
        found = re.findall(r"\{[^}]*\}", self.operation.path)
        path, before = self.operation.path, ""
        for braces in found:
            noun = path.partition(braces)[0].rstrip("/").rpartition("/")[2]
            is_tenant = (
                _is_tenant(braces[1:-1]) or (parts(noun or " ") or [""])[-1] in TABLES["tenants"]
            )
            filled = (
                "{tenant}"
                if is_tenant and not INVOICE.fullmatch(snake(braces[1:-1]))
                else "{invoice}"
            )
            before += path.partition(braces)[0] + filled
            path = path.partition(braces)[2]
        return before + path

    def described(self) -> dict[str, Any]:
        """Return it as the value of a key in ``[api.calls]``."""
        told: dict[str, Any] = {"send": self.send}
        for name in ("query", "headers", "body"):
            if value := getattr(self, name):
                told[name] = value
        statuses = sorted(self.operation.done)
        if statuses and statuses != [200]:
            told["ok"] = statuses[0] if len(statuses) == 1 else statuses
        return told


def _is_tenant(name: str) -> bool:
    return bool(TENANT.fullmatch(snake(name)))


def find_calls(document: Document) -> dict[str, DraftedCall]:
    """Return the likeliest call for each thing that the gate asks for, as far as there is one."""
    found: dict[str, tuple[float, Operation]] = {}
    for operation in document.operations:
        for name, score in _scores(operation):
            if score > found.get(name, (0, None))[0]:
                found[name] = score, operation
    return {name: _drafted(document, name, *found[name]) for name in ORDER if name in found}


def _scores(operation: Operation) -> Iterator[tuple[str, float]]:
    """Yield what a call may be, with a score; of equal ones that of the newest version wins."""
    segments = [one for one in re.split(r"[/:]", operation.path) if one]
    named = [one for one in segments if not one.startswith("{")]
    nouns = [number for number, one in enumerate(segments) if _noun(one) in INVOICES]
    if not nouns:
        return
    newer = max((int(one[1:]) for one in named if re.fullmatch(r"v\d+", one)), default=0) / 100
    last, verb = segments[-1], operation.verb
    is_one = last.startswith("{")
    if is_one and nouns[-1] == len(segments) - 2:
        if verb == "GET":
            yield "find", 10 + newer
        if verb == "DELETE":
            yield "cancel", CERTAIN + newer
    if not is_one and nouns[-1] == len(segments) - 1 and verb == "POST":
        yield "draft", 10 + newer
    action = "_".join(parts(last.replace("-", "_"))) if not is_one else ""
    for name, actions in ACTIONS.items():
        about_one = any(one.startswith("{") for one in segments[nouns[-1] + 1 :])
        if action not in actions or (verb == "GET" and name != "preview"):
            continue
        if name in ("preview", "draft"):
            yield name, (10 if name == "preview" else 8) + newer
        elif about_one:
            yield name, 10 + newer


def _noun(segment: str) -> str:
    told = parts(segment.replace("-", "_"))
    return told[-1] if told and not segment.startswith("{") else ""


def _drafted(document: Document, name: str, score: float, operation: Operation) -> DraftedCall:
    call = DraftedCall(operation)
    if score < CERTAIN:
        call.asked.append(f"is this the call for {name}?")
    for one in operation.given("query").values():
        value = _value(document, call, one.name, one.schema, one.required)
        if value is not None:
            call.query[one.name] = value
    for one in operation.given("header").values():
        _add_header(call, one)
    if operation.body is not None:
        call.body = _filled(document, call, operation.body)
    return call


def _add_header(call: DraftedCall, parameter: Parameter) -> None:
    if KEY.fullmatch(snake(parameter.name)):
        call.headers[parameter.name] = "{key}"
    elif parameter.required and not _bears_token(parameter.name):
        call.headers[parameter.name] = ""
        call.asked.append(f"what is the header {parameter.name}?")


def _bears_token(name: str) -> bool:
    return bool(re.search(r"authorization|api[-_]?key|token", name, re.IGNORECASE))


def _filled(document: Document, call: DraftedCall, schema: Schema) -> dict[str, Any]:
    needed = set(document.resolved(schema).get("required", ()))
    filled = {}
    for name, told in document.properties(schema).items():
        value = _value(document, call, name, told, name in needed)
        if value is not None:
            filled[name] = value
    return filled


def _value(document: Document, call: DraftedCall, name: str, schema: Schema, needed: bool) -> Any:
    """Return what a member of a request is filled with; None where it is left out."""
    plain = snake(name)
    if kind_of(schema) == "object" and document.properties(schema):
        inner = _filled(document, call, schema)
        return inner if inner or needed else None
    known = {
        "{tenant}": _is_tenant(name),
        "{key}": bool(KEY.fullmatch(plain)),
        "{start}": bool(START.fullmatch(plain) or MONTH.fullmatch(plain)),
        "{end}": bool(END.fullmatch(plain)),
        "{currency}": bool(CURRENCY.fullmatch(plain)),
        "{total}": bool(TOTAL.fullmatch(plain)),
        "{invoice}": bool(INVOICE.fullmatch(plain)),
    }
    placeholder = next((one for one, holds in known.items() if holds), "")
    if placeholder in ("{start}", "{end}"):
        call.period = call.period or written(name, schema)
    if placeholder:
        return placeholder
    if not needed:
        return None
    call.asked.append(f"what is {name}?")
    told = schema.get("examples") or schema.get("enum") or [schema.get("default")]
    return (
        told[0] if told[0] is not None else {"integer": 1, "boolean": True}.get(kind_of(schema), "")
    )


def written(name: str, schema: Schema) -> str:
    """Return how a bound of a period is written, as for strftime."""
    if schema.get("format") == "date":
        return "%Y-%m-%d"
    pattern = schema.get("pattern")
    if isinstance(pattern, str):
        try:
            fitting = [layout for told, layout in _WRITTEN if re.search(pattern, told)]
        except re.error:
            fitting = []
        if fitting:
            return fitting[0]
    for example in schema.get("examples") or [schema.get("example")]:
        for told, layout in _WRITTEN:
            if isinstance(example, str) and len(example) == len(told):
                return layout
    if schema.get("format") == "date-time" or not MONTH.fullmatch(snake(name)):
        return _INSTANT[1]
    return "%Y-%m"
