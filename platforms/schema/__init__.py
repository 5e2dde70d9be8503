"""The published JSON Schema of ``platform.toml``, with which editors complete and explain it.

It follows from :class:`~platforms.description.Description`; print it anew with
``python -m platforms.schema``.
"""

from pathlib import Path

from platforms.description import Description
from runbook.editors import REFERENCE, for_editors

FILE = Path(__file__).with_name("p9a-platform-1.json")


def schema() -> str:
    """Return the schema as it follows from the model, to be published in ``FILE``."""
    told = Description.model_json_schema(ref_template=REFERENCE)
    return for_editors(told, "urn:p9a-platform:1")
