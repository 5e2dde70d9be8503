"""Whether an API is as it is described: held against its document, call by call, fact by fact."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from jmespath.exceptions import JMESPathError

from platforms.checking.findings import Finding, note, ok, warn, wrong
from platforms.description import CALLS, Api, BillFacts, Call, Described
from platforms.drafting.naming import snake
from platforms.http.answers import search
from platforms.openapi import Anything, Document, Operation, Schema, kind_of
from runbook.refusals import Rule
from runbook.words import counted

# Facts of an answer that amounts are.
AMOUNTS = ("recovered_amount", "gain_share_amount")
KINDS = {"decimal string": "string", "number": "number", "minor units": "integer"}
REFUSED = range(400, 500)
# The rules that a call may break, where a description does not say which calls do.
OF_CALL: Mapping[Rule, tuple[str, ...]] = {
    Rule.INVOICE_NOT_FOUND: ("cancel", "issue", "mark_paid", "void", "find"),
    Rule.INVOICE_IS_NOT_DRAFT: ("issue", "cancel"),
    Rule.INVOICE_IS_NOT_ISSUED: ("mark_paid", "void"),
    Rule.DRAFT_IS_STALE: ("issue",),
    Rule.IDEMPOTENCY_KEY_REUSED: ("draft",),
}


def check_document(document: Document, described: Described) -> Iterator[Finding]:
    """Hold every call, fact and refusal against the document."""
    api, folder = described.description.api, described.folder
    if api is None:
        return
    known: dict[str, Operation] = {}
    for name in CALLS:
        call: Call | None = getattr(api.calls, name)
        if call is not None:
            keys = ("api", "calls", name)
            yield from _call(document, folder, keys, call)
            operation = _operation(document, call)
            if operation is not None:
                known[name] = operation
            if call.poll is not None:
                poll = Call(send=call.poll.send)
                yield from _call(document, folder, (*keys, "poll"), poll)
    if api.token is not None:
        yield from _call(document, folder, ("api", "token"), api.token)
    yield from _headers(document, folder, api)
    yield from _build(document, folder, api)
    yield from _facts(document, described, api, known)
    yield from _error(document, folder, api, known)
    yield from _refusals(document, described, api, known)
    yield ok(f"{counted(len(known), 'call')} known to {document.place}: {', '.join(known)}")


def _call(document: Document, folder: Any, keys: tuple[str, ...], call: Call) -> Iterator[Finding]:
    """Hold a call against the document."""
    verb, _, path = call.send.partition(" ")
    operation = _operation(document, call)
    if operation is None:
        yield wrong(
            folder,
            (*keys, "send"),
            f"{document.place} knows no {call.send}{_near(document, verb, path)}",
        )
        return
    yield from _parameters(folder, keys, call, operation)
    yield from _body(document, folder, keys, call, operation)
    done = sorted(operation.done)
    for status in call.accepted:
        if done and status not in done and len(call.accepted) == 1:
            told = " or ".join(map(str, done))
            words = f"{status} is accepted, but {operation.said} answers {told}"
            yield wrong(folder, (*keys, "ok"), words)
    if len(call.accepted) > 1 and not set(call.accepted) & set(done) and done:
        words = f"{operation.said} answers {' or '.join(map(str, done))}, none of these"
        yield wrong(folder, (*keys, "ok"), words)


def _operation(document: Document, call: Call) -> Operation | None:
    verb, _, path = call.send.partition(" ")
    return document.find(verb, path)


def _near(document: Document, verb: str, path: str) -> str:
    """Name what the document knows that is nearest."""
    same_path = [one.verb for one in document.operations if one.is_of(one.verb, path)]
    if same_path:
        return f", only {' and '.join(same_path)}"
    depth = path.count("/")
    near = [
        one.said
        for one in document.operations
        if one.verb == verb and one.path.count("/") == depth and one.path[:4] == path[:4]
    ]
    return f"; it knows {', '.join(near[:3])}" if near else ""


def _parameters(
    folder: Any, keys: tuple[str, ...], call: Call, operation: Operation
) -> Iterator[Finding]:
    for place, given in (("query", dict(call.query)), ("header", dict(call.headers))):
        told = operation.given(place)
        names = {name.lower() if place == "header" else name: one for name, one in told.items()}
        said = {name.lower() if place == "header" else name for name in given}
        key = "headers" if place == "header" else "query"
        for name in given:
            plain = name.lower() if place == "header" else name
            if plain not in names:
                words = f"{operation.said} takes no {place} {name}{_list(names)}"
                yield wrong(folder, (*keys, key, name), words)
        for name, one in names.items():
            by_all = place == "header" and name in ("authorization", "x-api-key", "content-type")
            if one.required and name not in said and not by_all:
                yield wrong(folder, (*keys, key), f"{operation.said} needs the {place} {one.name}")


def _list(names: Mapping[str, Any]) -> str:
    return f", but {', '.join(names)}" if names else ""


def _body(
    document: Document, folder: Any, keys: tuple[str, ...], call: Call, operation: Operation
) -> Iterator[Finding]:
    if call.form is not None:
        return
    if call.body is None:
        if operation.body_required:
            yield wrong(folder, (*keys, "body"), f"{operation.said} needs a body")
        return
    if operation.body is None:
        yield warn(folder, (*keys, "body"), f"{operation.said} takes no JSON body")
        return
    yield from _members(document, folder, (*keys, "body"), operation, (call.body, operation.body))


def _members(
    document: Document,
    folder: Any,
    keys: tuple[str, ...],
    operation: Operation,
    pair: tuple[Mapping[str, Any], Schema],
) -> Iterator[Finding]:
    """Hold the members of a body, and of objects inside, against a schema."""
    body, schema = pair
    members = document.properties(schema)
    if not members:
        return
    for name, value in body.items():
        if name not in members:
            words = f"{operation.said} takes no {name}, but {', '.join(members)}"
            yield wrong(folder, (*keys, name), words)
        elif isinstance(value, dict):
            yield from _members(document, folder, (*keys, name), operation, (value, members[name]))
    for name in document.resolved(schema).get("required", ()):
        if name not in body:
            yield wrong(folder, keys, f"{operation.said} needs {name}")


def _headers(document: Document, folder: Any, api: Api) -> Iterator[Finding]:
    """Hold the headers of every call against those by which callers show who they are."""
    wanted = {}
    for scheme in document.security:
        if scheme.get("type") == "apiKey" and scheme.get("in") == "header":
            wanted[str(scheme.get("name")).lower()] = str(scheme.get("name"))
        elif scheme.get("type") != "apiKey":
            wanted["authorization"] = "Authorization"
    taken = {name.lower() for one in document.operations for name in one.given("header")}
    for name in api.headers:
        if wanted and name.lower() not in wanted and name.lower() not in taken:
            known = ", ".join(wanted.values())
            words = f"no call takes the header {name}; callers are known by {known}"
            yield wrong(folder, ("api", "headers", name), words)
    if wanted and not {name.lower() for name in api.headers} & wanted.keys():
        words = f"none of them is {' or '.join(wanted.values())}, by which callers are known"
        yield wrong(folder, ("api", "headers"), words)


def _build(document: Document, folder: Any, api: Api) -> Iterator[Finding]:
    if api.build_call is None:
        return
    call, where = api.build_call
    verb, _, path = call.send.partition(" ")
    operation = document.find(verb, path)
    if operation is None:
        words = f"{document.place} knows no {call.send}{_near(document, verb, path)}"
        yield warn(folder, ("api", "build"), words)
        return
    for status, response in operation.done.items():
        if response.schema is not None and not _finds(where, document.sample(response.schema)):
            words = f"{where} finds nothing in what {operation.said} answers ({status})"
            yield wrong(folder, ("api", "build"), words)


def _finds(expression: str, body: Any) -> bool:
    try:
        found = search(expression, body)
    except (JMESPathError, ValueError):
        return True  # a sample's values are no real ones: what is made of them may not work
    return found is not None and found != []


def _facts(
    document: Document, described: Described, api: Api, known: Mapping[str, Operation]
) -> Iterator[Finding]:
    """Look for each fact in every answer that tells an invoice."""
    folder, told = described.folder, set[tuple[str, ...]]()
    for name, operation in known.items():
        call: Call = getattr(api.calls, name)
        if name == "cancel" or call.then is not None or call.poll is not None:
            continue
        keys = ("api", "bill") if name == "preview" and api.bill else ("api", "invoice")
        facts = api.bill if name == "preview" and api.bill else api.invoice
        only = set(BillFacts.model_fields) if name == "preview" else None
        for status, response in operation.done.items():
            if status not in call.accepted or response.schema is None:
                continue
            where = f"{operation.said} answers ({status})"
            envelope = api.envelope if call.envelope is None else call.envelope
            body = document.sample(response.schema)
            inner = search(envelope, body) if envelope else body
            if inner is None:
                at = (
                    ("api", "envelope")
                    if call.envelope is None
                    else ("api", "calls", name, "envelope")
                )
                if at not in told:
                    told.add(at)
                    yield wrong(folder, at, f"{envelope} finds nothing in what {where}")
                continue
            for fact in type(facts).model_fields:
                expression = getattr(facts, fact)
                if expression is None or (only and fact not in only) or (*keys, fact) in told:
                    continue
                words = _fact(api, fact, expression, inner)
                if words:
                    told.add((*keys, fact))
                    yield wrong(folder, (*keys, fact), f"{words} in what {where}")


def _fact(api: Api, fact: str, expression: str, body: Any) -> str:
    """Say what is wrong with a fact's place in a sample of an answer; nothing if all is well."""
    if not _finds(expression, body):
        return f"{expression} finds nothing"
    try:
        found = search(expression, body)
    except (JMESPathError, ValueError):
        return ""
    if fact == "lines" and isinstance(found, list) and found and isinstance(found[0], dict):
        empty = [name for name, value in found[0].items() if value is None]
        if empty:
            return f"{', '.join(empty)} finds nothing"
    if fact in AMOUNTS and re.search(r"_?(cents|minor)$", snake(expression)):
        if api.money != "minor units":
            return f"{expression} is told in minor units, but api.money says {api.money}:"
    elif fact in AMOUNTS and not isinstance(found, Anything | dict):
        kind = {str: "string", int: "integer", float: "number"}.get(type(found), "")
        if kind and kind != KINDS[api.money] and not (api.money == "number" and kind == "integer"):
            return f"{expression} is a {kind}, but api.money says {api.money}:"
    return ""


def _error(
    document: Document, folder: Any, api: Api, known: Mapping[str, Operation]
) -> Iterator[Finding]:
    """Look for code and message in the refusals that the document tells."""
    samples = [
        body
        for operation in known.values()
        for status, response in operation.responses.items()
        if status in REFUSED
        for body in (
            response.examples or ([document.sample(response.schema)] if response.schema else [])
        )
    ]
    for name in ("code", "message"):
        expression = getattr(api.error, name)
        if expression and samples and not any(_finds(expression, body) for body in samples):
            words = f"{expression} finds nothing in any refusal that {document.place} tells"
            yield wrong(folder, ("api", "error", name), words)
    if api.error.code is None and known:
        yield warn(folder, ("api", "error"), "no code: refusals are told apart by status alone")


def _refusals(
    document: Document, described: Described, api: Api, known: Mapping[str, Operation]
) -> Iterator[Finding]:
    """Hold statuses and codes against what the calls answer that may be refused so."""
    folder = described.folder
    for rule, refusal in described.description.refusals.items():
        asked = [c for c in refusal.calls or OF_CALL.get(rule, ("draft",)) if c in known]
        documented = {
            status for name in asked for status in known[name].responses if status in REFUSED
        }
        for status in refusal.statuses:
            if documented and status not in documented:
                words = f"{status} is none of those that {', '.join(asked)} answer"
                yield wrong(folder, ("refusals", rule, "status"), words)
        codes = [refusal.code] if isinstance(refusal.code, str) else refusal.code or []
        told = {
            code for name in asked for code in _codes(document, api, known[name], refusal.statuses)
        }
        for code in codes:
            if told and code not in told:
                answers = f"{', '.join(asked)} answer: {', '.join(sorted(told))}"
                words = f"'{code}' is none of the codes that {answers}"
                yield wrong(folder, ("refusals", rule, "code"), words)


def _codes(
    document: Document, api: Api, operation: Operation, statuses: tuple[int, ...]
) -> Iterator[str]:
    """Yield the codes that the document tells, in examples or as a list."""
    if api.error.code is None:
        return
    for status, response in operation.responses.items():
        if status not in REFUSED or (statuses and status not in statuses):
            continue
        for body in response.examples:
            found = search(api.error.code, body)
            if isinstance(found, str):
                yield found
        schema: Schema = response.schema or {}
        for name in api.error.code.split("."):
            schema = document.properties(schema).get(name, {})
        if kind_of(schema) == "string":
            yield from (one for one in schema.get("enum", ()) if isinstance(one, str))


def no_document(words: str) -> Finding:
    """Return what is told where the API has no document."""
    return note(f"{words}: calls are held against nothing but --try")
