"""``python -m platforms init``: drafts a description, and says what was found and what is asked."""

import os
import shlex
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from platforms.description import FILE, PLATFORMS, RELATIONS, BadDescription, read
from platforms.drafting.api import FoundApi, find_api
from platforms.drafting.catalogue import read_catalogue
from platforms.drafting.items import ids
from platforms.drafting.lines import Line, questions
from platforms.drafting.shape import Claim, Shape, find_shape
from platforms.drafting.toml import draft
from platforms.drafting.writing import relations
from platforms.http.wire import NoAnswer, Wire
from platforms.obstacles import Aborted
from platforms.reaching import API, PATIENCE, Surroundings, WronglyCalled
from platforms.relations.misfits import misfits
from platforms.relations.reading import BadRelation
from runbook.words import counted

SCHEMA = PLATFORMS / "schema" / "p9a-platform-1.json"
# What an API is called that nobody has named.
NAMELESS = frozenset({"", "fastapi", "api", "openapi", "swagger", "ninjaapi", "rest api"})
Tell = Callable[[str], None]


def init(folder: Path, name: str | None, around: Surroundings, tell: Tell) -> None:
    """Draft a description into a folder that has none.

    Raises :class:`~platforms.reaching.WronglyCalled`, :class:`~platforms.obstacles.Aborted`, or
    :class:`~platforms.drafting.shape.NothingFound`.
    """
    around.demand_database("whose platform is to be described")
    _demand_new(folder)
    with around.session(read_only=True) as connection:
        shape = find_shape(read_catalogue(connection))
        api, notes = _find_api(around, shape)
        name = name or _name(api, folder)
        schema = Path(os.path.relpath(SCHEMA, folder.resolve())).as_posix()
        toml, told = draft(shape, api, name, schema)
        sql, read_lines = relations(shape, name)
        _write(folder, {FILE: toml, RELATIONS: sql})
        for words in _summary(folder, shape, api, [*told, *read_lines]):
            tell(words)
        for note in notes:
            tell(f"note      {note}")
        tell(_fits(folder, connection))
    tell(f"next      python -m platforms check {shlex.quote(str(folder))}")


def _demand_new(folder: Path) -> None:
    for path in (folder / FILE, folder / RELATIONS):
        if path.exists():
            raise WronglyCalled(
                f"{path} exists: a description is never overwritten, choose another"
            )
    if folder.exists() and not folder.is_dir():
        raise WronglyCalled(f"{folder} is no folder: name one, or one that is to be made")


def _find_api(around: Surroundings, shape: Shape) -> tuple[FoundApi | None, list[str]]:
    if not around.url:
        return None, [f"{API} is not set: what the API says of itself was not looked at"]
    with closing(Wire(around.url, PATIENCE)) as wire:
        try:
            return find_api(wire, around.url, around.token, ids(shape), shape.events.alias)
        except NoAnswer as error:
            reason = around.hidden(error.message)
            raise Aborted(
                f"the API cannot be reached: {reason}; is it up, and {API} right?"
            ) from None


def _name(api: FoundApi | None, folder: Path) -> str:
    title = api.document.title.strip() if api and api.document else ""
    return folder.resolve().name if title.lower() in NAMELESS else title


def _write(folder: Path, files: dict[str, str]) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            with (folder / name).open("x", encoding="utf-8") as file:
                file.write(text)
    except OSError as error:
        raise WronglyCalled(f"{error.filename}: {error.strerror}") from None


def _summary(folder: Path, shape: Shape, api: FoundApi | None, lines: list[Line]) -> list[str]:
    """Say what was found."""
    words = {stands: found for stands, found in shape.invoice_words.items() if stands and found}
    stands = "; ".join(f"{stands}: {', '.join(found)}" for stands, found in words.items())
    terms = shape.terms.table.name if shape.terms else "not found: a quarter, for all"
    wrote = f"{folder / FILE} and {RELATIONS}, {counted(len(lines), 'line')}"
    told = [
        f"wrote     {wrote} that say where they come from",
        f"tenants   {shape.tenants.table.name}",
        f"events    {shape.events.table.name}; {_claim(shape)}",
        f"terms     {terms}",
        f"invoices  {shape.invoices.table.name}{f'; {stands}' if stands else ''}",
        f"lines     {shape.lines.table.name if shape.lines else 'none'}",
    ]
    if api is not None:
        place = api.document.place if api.document else "none"
        told.append(f"API       {', '.join(api.calls) or 'no call'}; document: {place}")
    beside = [table.name for table in shape.beside]
    if beside:
        told.append(f"beside    {', '.join(beside)}")
    asked = counted(questions(lines), "question")
    told.append(f"open      {asked}: grep -n QUESTION {folder / '*'}")
    return told


def _claim(shape: Shape) -> str:
    return {
        Claim.COLUMN: "each tells its invoice",
        Claim.LINES: "billed where a line names it",
        Claim.TABLE: f"billed where {shape.claims.name if shape.claims else ''} names it",
        Claim.NOWHERE: "how one is billed was not found",
    }[shape.claim]


def _fits(folder: Path, connection: object) -> str:
    """Say whether the draft holds against the database already."""
    try:
        bad: list[BadDescription | BadRelation] = list(misfits(connection, read(folder)))  # type: ignore[arg-type] # the session's
    except BadDescription as error:
        bad = [error]
    if not bad:
        return "fits      the draft fits this database; whether it is right, only you know"
    return f"wrong     {counted(len(bad), 'thing')} of it do not fit yet, first: {bad[0]}"
