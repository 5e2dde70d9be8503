"""``evidence.json``: the record as bytes, and its published schema.

One record has one spelling, so that a changed byte is a changed record.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
from pydantic import ValidationError

from reports.evidence import OLDER_SCHEMAS, SCHEMA, Evidence
from runbook.words import one_line

SCHEMA_FILE = Path(__file__).with_name("schema") / "p9a-evidence-2.json"


UNKNOWN_FIELD = "this gate knows no such field; a newer one may have written it"
# How much is shown of what cannot be read.
SHOWN = 300


class BadRecord(Exception):
    """The bytes are no record of a run; the message says what is wrong, in one line."""


class OlderRecord(BadRecord):
    """The bytes are the record of an older gate, which alone can verify it."""


def dump_record(evidence: Evidence) -> bytes:
    """Write a record in its one spelling; :func:`load_record` tells whether it fits the schema."""
    return f"{evidence.model_dump_json(indent=2)}\n".encode()


def spell(document: Any) -> bytes:
    """Write what a record holds, as any gate writes it: once, in order, in full."""
    return f"{json.dumps(document, indent=2, ensure_ascii=False)}\n".encode()


def load_record(content: bytes) -> Evidence:
    """Read a record; raises :class:`BadRecord` where it is empty, cut off, or of another shape.

    Fields that its gate did not know yet are as where nothing is known. One of an older schema is
    an :class:`OlderRecord`.
    """
    if not content.strip():
        raise BadRecord("it is empty")
    try:
        document = json.loads(content)
        _refuse_older(document)
        evidence = Evidence.model_validate_json(content)
        whole = json.loads(dump_record(evidence))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        why = UNKNOWN_FIELD if first["type"] == "extra_forbidden" else first["msg"]
        place = "/".join(map(str, first["loc"])) or "the top"
        raise BadRecord(f"at {place}: {why}") from None
    except (ValueError, RecursionError) as error:
        raise BadRecord(f"it is no JSON, or cut off: {one_line(str(error))}") from None
    _check(whole)
    _refuse_other_spelling(document, whole)
    return evidence


def schema() -> str:
    """Return the schema as it follows from the model, to be published in ``SCHEMA_FILE``."""
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "urn:p9a-evidence:2"}
    return json.dumps(head | Evidence.model_json_schema(mode="serialization"), indent=2) + "\n"


def _refuse_older(document: Any) -> None:
    version = document.get("schema") if isinstance(document, dict) else None
    if isinstance(version, str) and version in OLDER_SCHEMAS:
        raise OlderRecord(
            f"it is {version}, written by an older gate: verify it with that one, as this gate "
            f"reads {SCHEMA} only"
        )


def _refuse_other_spelling(told: Any, whole: Any, place: str = "") -> None:
    """Raise :class:`BadRecord` where what is told is not what it is read as."""
    if isinstance(told, dict) and isinstance(whole, dict):
        for name, value in told.items():
            _refuse_other_spelling(value, whole[name], f"{place}/{name}")
    elif isinstance(told, list) and isinstance(whole, list):
        for number, value in enumerate(told):
            _refuse_other_spelling(value, whole[number], f"{place}/{number}")
    elif type(told) is not type(whole) or told != whole:
        shown = one_line(json.dumps(told))[:SHOWN]
        raise BadRecord(f"at {place.lstrip('/')}: {shown} is not as the gate writes it")


def _check(document: Any) -> None:
    try:
        _validator().validate(document)
    except jsonschema_rs.ValidationError as error:
        place = "/".join(map(str, error.instance_path)) or "the top"
        raise BadRecord(f"at {place}: {one_line(error.message)[:SHOWN]}") from None


@cache
def _validator() -> jsonschema_rs.Draft202012Validator:
    published = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))
    return jsonschema_rs.Draft202012Validator(published, validate_formats=True)
