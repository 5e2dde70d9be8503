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


class BadRecord(Exception):
    """The bytes are no record of a run; the message says what is wrong, in one line."""


class OlderRecord(BadRecord):
    """The bytes are the record of an older gate, which alone can verify it."""


def dump_record(evidence: Evidence) -> bytes:
    """Write a record in its one spelling; :func:`load_record` tells whether it fits the schema."""
    return f"{evidence.model_dump_json(indent=2)}\n".encode()


def load_record(content: bytes) -> Evidence:
    """Read a record; raises :class:`BadRecord` where it is empty, cut off, or of another shape.

    One that an older gate wrote is an :class:`OlderRecord`.
    """
    if not content.strip():
        raise BadRecord("it is empty")
    try:
        document = json.loads(content)
        _refuse_older(document)
        _check(document)
        return Evidence.model_validate_json(content)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise BadRecord(f"at {'/'.join(map(str, first['loc']))}: {first['msg']}") from None
    except (ValueError, RecursionError) as error:
        raise BadRecord(f"it is no JSON, or cut off: {one_line(str(error))}") from None


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
