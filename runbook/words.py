"""How numbers and other people's words are written, the same whatever wrote or reads them."""

import re

# What can break a line, hide or reverse text, or is no character at all; ZWJ and ZWNJ spell names.
_UNPRINTABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f]"
)

# What a row of a table begins with, where a text has one.
ROW = "\n  | "


def counted(number: int, noun: str) -> str:
    """Write a number with its noun: ``1 event``, ``3 events``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def one_line(text: str) -> str:
    """Return the text with a space for every control, bidi and other invisible character."""
    return _UNPRINTABLE.sub(" ", text)
