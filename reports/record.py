"""``evidence.json``: the record as bytes, and its published schema.

One record has one spelling, so that a changed byte is a changed record.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
from pydantic import ValidationError

from reports.evidence import FIRST_SCHEMA, SCHEMA, Evidence
from runbook.words import one_line

SCHEMAS = Path(__file__).with_name("schema")
SCHEMA_FILE = SCHEMAS / "p9a-evidence-2.json"
SCHEMA_FILES = {SCHEMA: SCHEMA_FILE, FIRST_SCHEMA: SCHEMAS / "p9a-evidence-1.json"}
# What a record of the first schema has no place for.
SINCE_FIRST: dict[str, Any] = {
    "platform": True,
    "options": True,
    "not_judged": True,
    "tool": {"renderer_sha256", "dependencies", "plugins"},
    "target": {"system_identifier", "host"},
    "tenants": {"__all__": {"own", "seeded", "left_behind", "diagnosis", "warnings"}},
}

UNKNOWN_FIELD = "this gate knows no such field; a newer one may have written it"
# How much is shown of what cannot be read.
SHOWN = 300


class BadRecord(Exception):
    """The bytes are no record of a run; the message says what is wrong, in one line."""


def dump_record(evidence: Evidence) -> bytes:
    """Write a record in its one spelling; :func:`load_record` tells whether it fits the schema."""
    since = SINCE_FIRST if evidence.schema_ == FIRST_SCHEMA else None
    return f"{evidence.model_dump_json(indent=2, exclude=since)}\n".encode()


def spell(document: Any) -> bytes:
    """Write what a record holds, as any gate writes it: once, in order, in full."""
    return f"{json.dumps(document, indent=2, ensure_ascii=False)}\n".encode()


def load_record(content: bytes) -> Evidence:
    """Read a record; raises :class:`BadRecord` where it is empty, cut off, or of another shape.

    Fields that its gate did not know yet are as where nothing is known, as are those that the first
    schema had not.
    """
    return read_record(content)[0]


def read_record(content: bytes) -> tuple[Evidence, bool]:
    """Read a record, and tell whether it is spelled as this gate would spell it."""
    if not content.strip():
        raise BadRecord("it is empty")
    try:
        document = json.loads(content)
        evidence = Evidence.model_validate_json(content)
        written = dump_record(evidence)
        whole = document if written == content else json.loads(written)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        why = UNKNOWN_FIELD if first["type"] == "extra_forbidden" else first["msg"]
        place = "/".join(map(str, first["loc"])) or "the top"
        raise BadRecord(f"at {place}: {why}") from None
    except (ValueError, RecursionError) as error:
        raise BadRecord(f"it is no JSON, or cut off: {one_line(str(error))}") from None
    _check(whole)
    if whole is not document:
        _refuse_other_spelling(document, whole)
    return evidence, whole is document


def schema() -> str:
    """Return the schema as it follows from the model, to be published in ``SCHEMA_FILE``."""
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "urn:p9a-evidence:2"}
    told = Evidence.model_json_schema(mode="serialization")
    told["properties"]["schema"] = {"const": SCHEMA, "default": SCHEMA} | {
        name: text for name, text in told["properties"]["schema"].items() if name != "enum"
    }
    return json.dumps(head | told, indent=2) + "\n"


def _refuse_other_spelling(told: Any, whole: Any, place: str = "") -> None:
    """Raise :class:`BadRecord` where what is told is not what it is read as."""
    if isinstance(told, dict) and isinstance(whole, dict):
        for name, value in told.items():
            if name not in whole:
                raise BadRecord(f"at {place.lstrip('/') or 'the top'}: no gate writes {name} there")
            _refuse_other_spelling(value, whole[name], f"{place}/{name}")
    elif isinstance(told, list) and isinstance(whole, list):
        for number, value in enumerate(told):
            _refuse_other_spelling(value, whole[number], f"{place}/{number}")
    elif type(told) is not type(whole) or told != whole:
        shown = one_line(json.dumps(told))[:SHOWN]
        raise BadRecord(f"at {place.lstrip('/')}: {shown} is not as the gate writes it")


def _check(document: Any) -> None:
    try:
        _validator(document["schema"]).validate(document)
    except jsonschema_rs.ValidationError as error:
        place = "/".join(map(str, error.instance_path)) or "the top"
        raise BadRecord(f"at {place}: {one_line(error.message)[:SHOWN]}") from None


@cache
def _validator(schema: str) -> jsonschema_rs.Draft202012Validator:
    published = json.loads(SCHEMA_FILES[schema].read_text(encoding="utf-8"))
    return jsonschema_rs.Draft202012Validator(published, validate_formats=True)
