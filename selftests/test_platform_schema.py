"""The published schema of ``platform.toml``, and what the model refuses, by file and line."""

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from platforms import schema
from platforms.description import FILE, RELATIONS, BadDescription, problems, read
from runbook.refusals import Rule
from selftests.foreign_api import FOLDER, changed
from selftests.gate import PROJECT

REFERENCE: dict[str, Any] = tomllib.loads((FOLDER / FILE).read_text())


@pytest.fixture(scope="module")
def editor() -> jsonschema_rs.Draft7Validator:
    """What an editor of TOML checks with."""
    published = json.loads(schema.FILE.read_text())
    jsonschema_rs.meta.validate(published)
    return jsonschema_rs.Draft7Validator(published)


def test_what_is_published_follows_from_the_model() -> None:
    """If not: ``python -m platforms.schema > platforms/schema/p9a-platform-1.json``."""
    assert schema.FILE.read_text() == schema.schema()


def test_the_file_names_the_schema() -> None:
    first = (FOLDER / FILE).read_text().splitlines()[0]
    assert (FOLDER / first.removeprefix("#:schema ")).resolve() == schema.FILE
    assert schema.FILE.is_relative_to(PROJECT)


def test_every_key_is_explained_and_every_table_titled() -> None:
    published = json.loads(schema.FILE.read_text())
    keys = list(_keys(published))
    assert len(keys) > 100
    assert [name for name, about in keys if not about.get("description")] == []
    assert [name for name, about in published["definitions"].items() if "title" not in about] == []
    assert "null" not in schema.FILE.read_text().replace("null before", "")


def _keys(part: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(part, dict):
        yield from part.get("properties", {}).items()
        for inner in part.values():
            yield from _keys(inner)
    for inner in part if isinstance(part, list) else ():
        yield from _keys(inner)


def test_an_editor_completes_every_rule() -> None:
    published = json.loads(schema.FILE.read_text())
    assert list(published["properties"]["refusals"]["properties"]) == list(Rule)
    assert set(published["properties"]["lacks"]["properties"]) > {"preview", *Rule}


def test_an_editor_accepts_the_reference(editor: jsonschema_rs.Draft7Validator) -> None:
    assert list(editor.iter_errors(REFERENCE)) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"nam": "x"},
        {"apis": {}},
        {"api": {"mony": "number"}},
        {"api": {"money": "cents"}},
        {"api": {"calls": {"drafts": {"send": "POST /x"}}}},
        {"api": {"calls": {"draft": {"send": "FETCH /x"}}}},
        {"api": {"calls": {"draft": {"send": "POST /x", "okay": 201}}}},
        {"api": {"invoice": {"totl": "x"}}},
        {"refusals": {"invoice_not_fond": {"status": 404}}},
        {"refusals": {"invoice_not_found": {"state": 404}}},
        {"lacks": {"previews": "none"}},
        {"rules": {"numbers": {"draft": "own"}}},
        {"words": {"invoice": {"issued": []}}},
    ],
    ids=str,
)
def test_an_editor_and_the_gate_refuse_a_misspelt_key(
    editor: jsonschema_rs.Draft7Validator, tmp_path: Path, wrong: dict[str, Any]
) -> None:
    told = changed(REFERENCE, wrong)
    assert list(editor.iter_errors(told))
    (tmp_path / FILE).write_text(_as_toml(told))
    assert problems(tmp_path)


def _as_toml(table: dict[str, Any]) -> str:
    return "\n".join(f"{name} = {_value(value)}" for name, value in table.items())


def _value(value: Any) -> str:
    if isinstance(value, dict):
        inner = (f"{json.dumps(name)} = {_value(part)}" for name, part in value.items())
        return f"{{ {', '.join(inner)} }}"
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    return json.dumps(value)


@pytest.mark.parametrize(
    ("line", "wrong", "words"),
    [
        ('money = "decimal string"', 'period = { as = "%Y" }', "api.period.as: November 2026"),
        ('money = "decimal string"', 'period = { as = "%T" }', "api.period.as: November 2026"),
        ('money = "decimal string"', 'period = { as = "month" }', "api.period.as: November 2026"),
        ('money = "decimal string"', 'build = "POST /x: y"', "api.build: a call and"),
        ('money = "decimal string"', 'build = "GET /{tenant}: y"', "api.build: {tenant} is not"),
        ('money = "decimal string"', 'build = "GET /x: y["', "no JMESPath expression"),
        ('period_end = "periodEnd"', "", "api.invoice.period_end: it is missing"),
        ('period_start = "periodStart"', "", "api.invoice.period_start: it is missing"),
        ("{invoice}/issue", "{start}/issue", "api.calls.issue: {start} is not known in this call"),
        ("invoices/preview", "{invoice}", "api.calls.preview: {invoice} is not known"),
        ('"GET /api/admin/billing/invoices/{invoice}"', '"GET /{number}"', "calls.find: {number}"),
        ('{token}"', '{invoice}"', "api.headers: {invoice} is not known in every call"),
        ("ok = [200, 201]", "form = {}", "api.calls.draft.form: there is a body already"),
        ("ok = [200, 201]", 'envelope = "["', "api.calls.draft.envelope: no JMESPath"),
        (
            "ok = [200, 201]",
            'poll = { send = "GET /{job}/{invoice}", done = "x" }',
            "api.calls.draft.poll: {invoice} is not known in this poll",
        ),
        ('{ status = 404, code = "invoice_not_found" }', '{ calls = ["find"] }', "say the status"),
        ('{ status = 404, code = "invoice_not_found" }', "{ status = 500 }", "500 alone does not"),
        ('{ status = 404, code = "invoice_not_found" }', "{ status = [404, 429] }", "429 alone"),
        ("ok = [200, 201]", "ok = [200, 500]", "api.calls.draft.ok: 500 never means that a call"),
        ("ok = [200, 201]", "ok = 404", "api.calls.draft.ok: 404 never means that a call"),
    ],
)
def test_what_cannot_work_is_refused_at_its_line(
    tmp_path: Path, line: str, wrong: str, words: str
) -> None:
    text = (FOLDER / FILE).read_text()
    assert line in text
    spoiled = text.replace(line, wrong, 1)
    (tmp_path / FILE).write_text(spoiled)
    (tmp_path / RELATIONS).write_text("")
    with pytest.raises(BadDescription) as bad:
        read(tmp_path)
    assert words in str(bad.value)
    number = int(str(bad.value).removeprefix(f"{tmp_path / FILE}:").partition(":")[0])
    assert (wrong or "[api.invoice]").split("\n")[0] in spoiled.splitlines()[number - 1]


def test_facts_cannot_be_found_by_a_call_that_is_not_there(tmp_path: Path) -> None:
    lines = (FOLDER / FILE).read_text().splitlines()
    text = "\n".join(line for line in lines if not line.startswith("find = "))
    (tmp_path / FILE).write_text(text.replace("ok = [200, 201]", 'then = "find"'))
    (told,) = problems(tmp_path)
    assert told.message == "api.calls.draft.then: there is no find among the calls"
