"""``python -m platforms check``: holds a description against its file, its database and its API."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from psycopg import Connection

from oracle.period import Period
from platforms import adapters
from platforms.checking.agreed import check_agreed
from platforms.checking.api import check_document, no_document
from platforms.checking.consistency import check_lacks, check_relations
from platforms.checking.expressions import check_expressions
from platforms.checking.findings import Finding, Level, note, of_error, ok, wrong
from platforms.checking.questions import open_questions
from platforms.checking.removal import check_removal
from platforms.checking.seeds import check_seeds
from platforms.checking.trying import try_draft
from platforms.checking.words import check_words
from platforms.description import BadDescription, Described, problems, read
from platforms.drafting.catalogue import Catalogue, read_catalogue
from platforms.http import HttpAdapter
from platforms.http.wire import NoAnswer, Wire
from platforms.knocking import NOBODY
from platforms.obstacles import Aborted
from platforms.openapi import NoDocument, find_document
from platforms.port import PlatformRefused
from platforms.reaching import API, PATIENCE, Surroundings, WronglyCalled
from platforms.relations.canonical import RELATION_COLUMNS
from platforms.relations.misfits import misfits
from platforms.relations.reading import BadRelation, read_statements
from platforms.relations.survey import origins
from platforms.statements import Statement, Tables, compose, statements_of
from runbook.refusals import Rule
from runbook.words import counted


def check(folder: Path, around: Surroundings) -> Iterator[Finding]:
    """Yield everything that was found. Raises :class:`~platforms.obstacles.Aborted`.

    What cannot be asked because something before it is wrong is not asked.
    """
    bad = list(problems(folder))
    yield from (of_error(error, folder) for error in bad)
    if bad:
        yield from _statements_alone(folder)
        return
    described = read(folder)
    yield ok(f"platform.toml is a description of {described.description.name}")
    yield from open_questions(folder)
    yield from check_lacks(described)
    around.demand_database("that relations.sql is to be held against")
    with around.session(read_only=True) as connection:
        yield from check_database(connection, described)
    yield from check_api(around, described)


def _statements_alone(folder: Path) -> Iterator[Finding]:
    """See at least whether the other file can be read."""
    try:
        read_statements(Described(folder, None, ""))  # type: ignore[arg-type] # only its text is read
    except BadRelation as error:
        yield of_error(error, folder)


def check_database(connection: Connection[Any], described: Described) -> Iterator[Finding]:
    """Hold the statements, the words and the removal against a database."""
    bad = list(misfits(connection, described))
    yield from (of_error(error, described.folder) for error in bad)
    try:
        own = read_statements(described)
    except BadRelation:
        return  # which was told already
    broken = {_statement_at(own, error.line) for error in bad}
    if not bad:
        yield ok(f"relations.sql fits the database: {counted(len(own), 'statement')}")
    catalogue = read_catalogue(connection)
    whole = {name: one for name, one in own.items() if name not in broken}
    yield from check_expressions(catalogue, described, whole)
    if {"invoices", "tenants"} <= whole.keys():
        yield from check_words(connection, catalogue, described, whole)
    if not bad:
        yield from check_agreed(connection, described, own)
        yield from _removal(catalogue, described, own)
        yield from check_seeds(connection, catalogue, described, own)
        yield from _check_columns(connection, catalogue, described, own)


def _removal(
    catalogue: Catalogue, described: Described, own: Mapping[str, Statement]
) -> Iterator[Finding]:
    try:
        yield from check_removal(catalogue, described, own)
    except BadRelation as unread:
        words = f"{unread.message}: in which order rows go was not looked at"
        yield Finding(Level.WARN, words, unread.path, unread.line)


def _check_columns(
    connection: Connection[Any],
    catalogue: Catalogue,
    described: Described,
    own: Mapping[str, Statement],
) -> Iterator[Finding]:
    columns = {
        name: set(origins(connection, own[name])) for name in RELATION_COLUMNS if name in own
    }
    yield from check_relations(catalogue, described, own, columns)


def _statement_at(own: Mapping[str, Statement], line: int) -> str:
    """Return the statement that a line is in."""
    before = [name for name, one in own.items() if one.line <= line]
    return before[-1] if before else ""


def check_api(around: Surroundings, described: Described) -> Iterator[Finding]:
    """Hold the calls against what the API says of itself, and see that it lets us in."""
    if described.description.api is None:
        if around.url:
            yield note(f"{API} is set, but the description has no [api]: it was not looked at")
        return
    if not around.url or around.api is None:
        yield note(f"{API} is not set: [api] was held against nothing")
        return
    with closing(HttpAdapter(described, around.api)) as adapter:
        build = adapter.build()
        yield ok(f"{around.url} answers{f': build {build}' if build else ''}")
        yield from _not_found(adapter, described)
    with closing(Wire(around.url, PATIENCE)) as wire:
        try:
            document = find_document(wire, around.url, _shown(described, around.token))
        except NoDocument as missing:
            yield no_document(str(missing))
            return
        except NoAnswer as error:
            raise Aborted(f"the API cannot be reached: {around.hidden(error.message)}") from None
    yield from check_document(document, described)


def _shown(described: Described, token: str) -> dict[str, str]:
    """Return the headers of every call, as far as a token alone fills them."""
    api = described.description.api
    filled = {
        name: text.replace("{token}", token) for name, text in (api.headers if api else {}).items()
    }
    return {name: text for name, text in filled.items() if "{" not in text}


def _not_found(adapter: HttpAdapter, described: Described) -> Iterator[Finding]:
    """Ask for an invoice that is not there: harmless, and it shows how a refusal is told."""
    api, ids = described.description.api, described.description.ids
    find = api.calls.find if api else None
    if find is None or not find.send.startswith("GET "):
        return
    adapter.speaker.takes_any_answer = True
    try:
        adapter.find(NOBODY[ids.tenant], NOBODY[ids.invoice])
    except PlatformRefused as refused:
        if Rule.INVOICE_NOT_FOUND in refused.rules:
            yield ok(f"{find.send} refuses an invoice that is not there, as described")
            return
        told = f"{refused.status or 'no answer'}, {refused.code}: {refused.message}"
        words = f"{find.send} answered {told}, which does not mean it"
        yield wrong(described.folder, ("refusals", Rule.INVOICE_NOT_FOUND), words)
    else:
        words = f"{find.send} answers with an invoice where there is none"
        yield wrong(described.folder, ("api", "calls", "find"), words)


def tried(
    folder: Path, around: Surroundings, tenant: str, period: Period, tell: Callable[[str], None]
) -> Iterator[Finding]:
    """Yield what one draft shows. Raises :class:`~platforms.reaching.WronglyCalled`."""
    described = read(folder)
    try:
        tenant_id = described.description.read_id("tenant", tenant)
    except ValueError:
        kind = described.description.ids.tenant
        called = adapters.called(described)
        raise WronglyCalled(
            f"--tenant={tenant} is no {kind}; list the tenants with: "
            f"python -m platforms tenants {called}"
        ) from None
    yield from try_draft(described, around, tenant_id, period, tell)


def tenants(described: Described, around: Surroundings) -> Iterator[str]:
    """Yield the tenants of a platform, in words."""
    with around.session(read_only=True) as connection:
        relation = read_statements(described)["tenants"].parts[0]
        listing = compose(statements_of("platforms")["whom"], {"looked_at": relation}, {})
        rows = Tables(connection, {"whom": listing}).rows("whom")
    width = max((len(row["id"]) for row in rows), default=0)
    active = described.description.words.tenant.active
    for row in rows:
        may = "" if row["status"] in active else ", which is not billed"
        yield f"{row['id']:<{width}}  {row['name']}: {row['status']}{may}"


def described_or_wrong(folder: Path) -> Described:
    """Read a description. Raises :class:`~platforms.description.BadDescription`."""
    bad = problems(folder)
    if bad:
        raise bad[0]
    return read(folder)


__all__ = ["BadDescription", "check", "check_api", "check_database", "described_or_wrong"]
