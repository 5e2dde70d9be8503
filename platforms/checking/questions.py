"""Questions that ``init`` left in a description, and that nobody has answered."""

import re
from collections.abc import Iterator
from pathlib import Path

from platforms.checking.findings import Finding, Level
from platforms.description.reading import FILE, RELATIONS
from platforms.drafting.lines import QUESTION

_ASKED = re.compile(rf"^\s*(?:#|--) {QUESTION} (.+)$")


def open_questions(folder: Path) -> Iterator[Finding]:
    """Yield each question, at its line."""
    for name in (FILE, RELATIONS):
        path = folder / name
        for line, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if asked := _ASKED.match(text):
                words = f"an open question: {asked[1]} Once it is answered, delete this line"
                yield Finding(Level.WARN, words, path, line)
