"""The description of a platform: what ``platform.toml`` says, checked before anything else is done.

How the file is written is told in ``docs/platforms.md``; its JSON Schema, for editors, is published
in ``platforms/schema``. What the file does not say is never guessed.
"""

from platforms.description.api import Api, BillFacts, ErrorFacts
from platforms.description.model import (
    Command,
    Description,
    Refusal,
)
from platforms.description.parts import (
    CALLS,
    EPOCHS,
    LINE_FACTS,
    PLACEHOLDER,
    TOKENS,
    Bounds,
    Call,
    CallPeriod,
    Poll,
    TokenCall,
    placeholders,
)
from platforms.description.reading import (
    ADAPTER,
    FILE,
    PLATFORMS,
    RELATIONS,
    BadDescription,
    Described,
    how_to_begin,
    problems,
    read,
)
from runbook.descriptions import digest
from runbook.toml import locate

__all__ = [
    "ADAPTER",
    "CALLS",
    "EPOCHS",
    "FILE",
    "LINE_FACTS",
    "PLACEHOLDER",
    "PLATFORMS",
    "RELATIONS",
    "TOKENS",
    "Api",
    "BadDescription",
    "BillFacts",
    "Bounds",
    "Call",
    "CallPeriod",
    "Command",
    "Described",
    "Description",
    "ErrorFacts",
    "Poll",
    "Refusal",
    "TokenCall",
    "digest",
    "how_to_begin",
    "locate",
    "placeholders",
    "problems",
    "read",
]
