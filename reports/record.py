"""``evidence.json``: the record as bytes, and its published schema.

One record has one spelling, so that a changed byte is a changed record.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
from pydantic import ValidationError

from reports.evidence import Evidence
from runbook.words import one_line

SCHEMA_FILE = Path(__file__).with_name("schema") / "p9a-evidence-1.json"


class BadRecord(Exception):
    """The bytes are no record of a run; the message says what is wrong, in one line."""


def dump_record(evidence: Evidence) -> bytes:
    """Write a record in its one spelling; :func:`load_record` tells whether it fits the schema."""
    return f"{evidence.model_dump_json(indent=2)}\n".encode()


def load_record(content: bytes) -> Evidence:
    """Read a record; raises :class:`BadRecord` where it is empty, cut off, or of another shape."""
    if not content.strip():
        raise BadRecord("it is empty")
    try:
        _check(json.loads(content))
        return Evidence.model_validate_json(content)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise BadRecord(f"at {'/'.join(map(str, first['loc']))}: {first['msg']}") from None
    except (ValueError, RecursionError) as error:
        raise BadRecord(f"it is no JSON, or cut off: {one_line(str(error))}") from None


def schema() -> str:
    """Return the schema as it follows from the model, to be published in ``SCHEMA_FILE``."""
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "urn:p9a-evidence:1"}
    return json.dumps(head | Evidence.model_json_schema(mode="serialization"), indent=2) + "\n"


def _check(document: Any) -> None:
    try:
        _validator().validate(document)
    except jsonschema_rs.ValidationError as error:
        place = "/".join(map(str, error.instance_path)) or "the top"
        raise BadRecord(f"at {place}: {one_line(error.message)[:300]}") from None


@cache
def _validator() -> jsonschema_rs.Draft202012Validator:
    published = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))
    return jsonschema_rs.Draft202012Validator(published, validate_formats=True)
