"""JSON that a platform answers, read so that nothing it tells is lost or guessed."""

import json
import re
from decimal import Decimal
from typing import Any, NoReturn

from platforms.quoting import shortened
from runbook.words import one_line

SHOWN_LENGTH = 60
# How half of a character outside the first plane is written.
_HALF = re.compile(rb"\\u[dD][89a-fA-F]")


def parsed(content: bytes) -> Any:
    """Read JSON; numbers with a point are decimals. Raises ValueError for anything else.

    Half a character, which cannot be written down again, is read as the sign for an unreadable one.
    """

    def refuse(constant: str) -> NoReturn:
        raise ValueError(f"{constant} is no JSON")

    try:
        body = json.loads(
            content, parse_float=Decimal, parse_constant=refuse, object_pairs_hook=_members
        )
        return _whole(body) if _HALF.search(content) else body
    except (ArithmeticError, RecursionError) as error:
        raise ValueError(f"cannot be read: {type(error).__name__}") from None


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object; whoever tells a member twice, and otherwise, tells nothing."""
    told = dict(pairs)
    if len(told) < len(pairs):
        for name, value in pairs:
            if told[name] != value:
                one, other = shown(value), shown(told[name])
                raise ValueError(f"{name} is told as {one} and as {other}")
    return told


def _whole(value: Any) -> Any:
    if isinstance(value, dict):
        return {_whole(name): _whole(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_whole(one) for one in value]
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return value


def shown(value: Any) -> str:
    """Write a value of an answer for people, in one short line."""
    told = (
        str(value)
        if isinstance(value, Decimal)
        else json.dumps(value, default=str, ensure_ascii=False)
    )
    return one_line(shortened(told, SHOWN_LENGTH))
