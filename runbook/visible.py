"""Text of others before people's eyes: in one line, and nothing in it hidden."""

import unicodedata

# Controls, formatting such as bidi overrides, surrogates, private and unassigned characters.
HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn"}
# Persian, Indic scripts and emoji are written with the joiners; the spaces hold numbers together.
HARMLESS = frozenset("\u200c\u200d\N{NO-BREAK SPACE}")


def in_sight(text: str) -> str:
    """Return the text in one line, with every character that hides itself named by its code."""
    return text if text.isprintable() else "".join(map(_in_sight, text))


def _in_sight(character: str) -> str:
    if character in HARMLESS:
        return character
    if character.isspace():
        return " "
    hidden = unicodedata.category(character) in HIDDEN
    return f"[U+{ord(character):04X}]" if hidden else character
