"""The published JSON Schema of ``platform.toml``, with which editors complete and explain it.

It follows from :class:`~platforms.description.Description`; print it anew with
``python -m platforms.schema``. Editors of TOML know draft 7 best: there a reference hides what
stands beside it, and keys are completed from ``properties`` alone. TOML has no null.
"""

import json
from pathlib import Path
from typing import Any

from platforms.description import Description

FILE = Path(__file__).with_name("p9a-platform-1.json")
HEAD = {"$schema": "http://json-schema.org/draft-07/schema#", "$id": "urn:p9a-platform:1"}
DEFINITIONS = "#/definitions/"
NULL = {"type": "null"}


def schema() -> str:
    """Return the schema as it follows from the model, to be published in ``FILE``."""
    told = Description.model_json_schema(ref_template=f"{DEFINITIONS}{{model}}")
    definitions = told.pop("$defs")
    whole = _for_editors(HEAD | told | {"definitions": definitions}, definitions)
    return json.dumps(whole, indent=2) + "\n"


def _for_editors(part: Any, definitions: dict[str, Any]) -> Any:
    if isinstance(part, list):
        return [_for_editors(one, definitions) for one in part if one != NULL]
    if not isinstance(part, dict):
        return part
    there = {name: value for name, value in part.items() if value is not None}
    told = {name: _for_editors(value, definitions) for name, value in there.items()}
    if len(told.get("anyOf", ())) == 1:
        told = told.pop("anyOf")[0] | told
    if "propertyNames" in told:
        return _with_named_keys(told, definitions)
    if "$ref" in told:
        reference = {"$ref": told.pop("$ref")}
        about = {"description": _definition(reference, definitions)["description"]}
        return {"allOf": [reference]} | about | told
    return told


def _with_named_keys(told: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """Name every key that a table may have, in place of what its keys must be."""
    names, value = told.pop("propertyNames"), told.pop("additionalProperties")
    keys = names if "enum" in names else _definition(names["allOf"][0], definitions)
    entry = value | {"description": told["description"]}
    return told | {"properties": dict.fromkeys(keys["enum"], entry), "additionalProperties": False}


def _definition(reference: dict[str, str], definitions: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = definitions[reference["$ref"].removeprefix(DEFINITIONS)]
    return found
