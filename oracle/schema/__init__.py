"""The published JSON Schema of a contract, with which editors complete and explain it.

It follows from :class:`~oracle.contract.Contract`; print it anew with ``python -m oracle.schema``.
"""

from pathlib import Path

from oracle.contract import Contract
from runbook.editors import REFERENCE, for_editors

FILE = Path(__file__).with_name("p9a-contract-1.json")


def schema() -> str:
    """Return the schema as it follows from the model, to be published in ``FILE``."""
    told = Contract.model_json_schema(ref_template=REFERENCE)
    return for_editors(told, "urn:p9a-contract:1")
