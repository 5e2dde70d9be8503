"""What an API tells of itself to a draft: its calls, facts and refusals, by document and probe."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from platforms.drafting.calls import DraftedCall, find_calls
from platforms.drafting.facts import AnsweredFacts, find_error, find_facts
from platforms.drafting.lines import GUESS
from platforms.drafting.refusing import CALLS, Told, documented
from platforms.http.wire import Request, Wire
from platforms.openapi import DONE, Document, NoDocument, find_document, kind_of, look
from platforms.port import PlatformRefused
from runbook.refusals import Rule

HEALTH = ("/health", "/healthz", "/version", "/api/health", "/api/version", "/status", "/info")
BUILD = ("version", "build", "commit", "revision", "release", "sha", "git_sha", "gitSha")
# An id that nothing has, of each type.
NOBODY = {"uuid": "00000000-0000-4000-8000-000000000000", "bigint": "0", "text": "nobody"}
SHOWN = 200


@dataclass
class Found:
    """One thing that was found, where, and what is still to be asked."""

    value: Any
    origin: str
    question: str = ""


@dataclass
class FoundApi:
    """What is known of an API. Without a document, most is a question."""

    document: Document | None = None
    headers: Found = field(default_factory=lambda: Found({}, GUESS))
    calls: dict[str, DraftedCall] = field(default_factory=dict)
    facts: AnsweredFacts = field(default_factory=AnsweredFacts)
    answered: str = GUESS
    error: Found = field(default_factory=lambda: Found({}, GUESS))
    build: Found = field(default_factory=lambda: Found("", GUESS))
    refusals: dict[Rule, Told] = field(default_factory=dict)

    @property
    def period(self) -> str:
        """How the bounds of a period are written in calls."""
        call = self.calls.get("draft")
        return call.period if call else ""

    @property
    def period_origin(self) -> str:
        """Where that is known from."""
        return f"OpenAPI ({self.calls['draft'].operation.said})"

    @property
    def takes_keys(self) -> bool:
        """Whether a draft can be asked for under a key."""
        call = self.calls.get("draft")
        return call is not None and "{key}" in json.dumps(call.described())

    @property
    def ids_are_strings(self) -> bool:
        """Whether calls write ids as strings."""
        call = self.calls.get("draft")
        if call is None or self.document is None or call.operation.body is None:
            return False
        told = self.document.properties(call.operation.body)
        return any(
            value == "{tenant}" and kind_of(told.get(name, {})) == "string"
            for name, value in (call.body or {}).items()
        )

    def asked_for(self, name: str) -> str:
        """Return what is to be asked where a call was not found."""
        return "" if self.document else f"is there a call for {name}?"


def find_api(
    wire: Wire, url: str, token: str, ids: Mapping[str, str], event: str
) -> tuple[FoundApi, list[str]]:
    """Look at an API; return what was found, and in words what was not.

    Only GET is sent. Raises :class:`~platforms.http.wire.NoAnswer` where nobody answers.
    """
    notes: list[str] = []
    guesses = [{"Authorization": f"Bearer {token}"}, {"X-Api-Key": token}] if token else [{}]
    try:
        document = find_document(wire, url, guesses[0] | guesses[-1])
    except NoDocument as missing:
        notes.append(f"{missing}: its calls are to be written by hand")
        return _undocumented(wire, token), notes
    api = FoundApi(document)
    api.headers = _headers(document, token)
    api.calls = find_calls(document)
    _find_facts(api, event)
    api.error = _error(api)
    api.build = _build(wire, document)
    api.refusals = documented(document, api.calls)
    notes += _probe(api, wire, token, ids)
    if "draft" not in api.calls:
        notes.append(f"{document.place} names no call that drafts an invoice: write it by hand")
        api.calls = _guessed_calls() | api.calls
    return api, notes


def _undocumented(wire: Wire, token: str) -> FoundApi:
    api = FoundApi(calls=_guessed_calls())
    asked = "in which header do callers show their token?"
    api.headers = Found({"Authorization": "Bearer {token}"} if token else {}, GUESS, asked)
    api.build = _probed_build(wire)
    return api


def _guessed_calls() -> dict[str, DraftedCall]:
    from platforms.openapi import Operation  # noqa: PLC0415 - only here

    operation = Operation("POST", "/invoices", "", (), None, body_required=False, responses={})
    body = {"tenant_id": "{tenant}", "period_start": "{start}", "period_end": "{end}"}
    asked = ["which call drafts an invoice, and what does it say?"]
    return {"draft": DraftedCall(operation, body=body, asked=asked)}


def _headers(document: Document, token: str) -> Found:
    for scheme in document.security:
        kind = scheme.get("type")
        origin = f"OpenAPI (security: {kind})"
        if kind == "apiKey" and scheme.get("in") == "header":
            return Found({str(scheme.get("name")): "{token}"}, origin)
        if kind == "http" and str(scheme.get("scheme")).lower() == "basic":
            return Found({"Authorization": "Basic {token_base64}"}, origin)
        if kind in ("http", "oauth2", "openIdConnect"):
            asked = "" if kind == "http" else "is the token fetched? Then see [api.token]"
            return Found({"Authorization": "Bearer {token}"}, origin, asked)
    if not token:
        return Found({}, "OpenAPI (no security)")
    asked = "in which header do callers show their token?"
    return Found({"Authorization": "Bearer {token}"}, GUESS, asked)


def _find_facts(api: FoundApi, event: str) -> None:
    """Take the facts from the first call that tells an invoice."""
    for name in ("draft", "find", "issue", "mark_paid"):
        call = api.calls.get(name)
        for status, response in call.operation.done.items() if call else ():
            if response.schema is None or api.document is None or call is None:
                continue
            facts = find_facts(api.document, response.schema, event)
            if "id" in facts.places:
                api.facts = facts
                api.answered = f"OpenAPI ({call.operation.said}: {status})"
                return


def _error(api: FoundApi) -> Found:
    """Look for where a refusal tells its code, in examples first."""
    for call in api.calls.values():
        for status, response in call.operation.responses.items():
            if status in DONE or api.document is None:
                continue
            told = response.examples or (
                [api.document.sample(response.schema)] if response.schema else []
            )
            for body in told:
                found = _error_of(body)
                if found:
                    return Found(found, f"OpenAPI ({call.operation.said}: {status})")
    return Found({}, GUESS)


def _error_of(body: Any) -> dict[str, str]:
    code, message = find_error(body)
    return {name: place for name, place in (("code", code), ("message", message)) if place}


def _build(wire: Wire, document: Document) -> Found:
    for operation in document.operations:
        last = operation.path.rstrip("/").rpartition("/")[2]
        quiet = operation.verb == "GET" and "{" not in operation.path
        if quiet and f"/{last}" in HEALTH:
            for response in operation.done.values():
                told = document.properties(response.schema) if response.schema else {}
                name = next((one for one in BUILD if one in told), "")
                if name:
                    return Found(f"GET {operation.path}: {name}", f"OpenAPI ({operation.said})")
    return _probed_build(wire)


def _probed_build(wire: Wire) -> Found:
    for path in HEALTH:
        told = look(wire, path, {})
        name = next((one for one in BUILD if isinstance(told, dict) and told.get(one)), "")
        if name:
            return Found(f"GET {path}: {name}", "probe")
    return Found("", GUESS)


def _probe(api: FoundApi, wire: Wire, token: str, ids: Mapping[str, str]) -> list[str]:
    """Ask for an invoice that is not there, to see how that is refused."""
    call = api.calls.get("find")
    if call is None or call.operation.verb != "GET":
        return []
    filled = {"invoice": NOBODY[ids["invoice"]], "tenant": NOBODY[ids["tenant"]], "token": token}
    path = _fill(call.send.partition(" ")[2], filled)
    asked = "&".join(
        f"{name}={quote(_fill(str(value), filled))}" for name, value in call.query.items()
    )
    headers = {name: _fill(value, filled) for name, value in api.headers.value.items()}
    try:
        answer = wire.send(Request("GET", f"{path}?{asked}" if asked else path, headers, None))
        body = json.loads(answer.content)
    except (PlatformRefused, ValueError):
        return []
    if answer.status in (401, 403):
        return [f"{answer.said} answered {answer.status}: is BILLING_API_TOKEN right?"]
    if answer.status in DONE or not isinstance(body, dict):
        return []
    if not api.error.value:
        api.error = Found(_error_of(body), "probe")
    _note_not_found(api, answer.said, answer.status, body)
    return []


def _note_not_found(api: FoundApi, said: str, status: int, body: Mapping[str, Any]) -> None:
    told: Any = body
    for name in str(api.error.value.get("code", "")).split("."):
        told = told.get(name) if isinstance(told, dict) else None
    code = told if isinstance(told, str) and len(told) < SHOWN else ""
    if Rule.INVOICE_NOT_FOUND not in api.refusals:
        api.refusals[Rule.INVOICE_NOT_FOUND] = Told(status, code, f"probe ({said})")
    if Rule.TENANT_NOT_FOUND not in api.refusals:
        asked = [name for name in CALLS[Rule.TENANT_NOT_FOUND] if name in api.calls]
        api.refusals[Rule.TENANT_NOT_FOUND] = Told(status, code, GUESS, asked)


def _fill(text: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", value)
    return text
