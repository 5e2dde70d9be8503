"""A line of what is drafted: its text, where it comes from, and what is still to be asked."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

QUESTION = "QUESTION:"
# Where it comes from what nothing tells.
GUESS = "a guess"


@dataclass(frozen=True)
class Line:
    """One line, or one thing over several. ``question`` is what only a person can answer."""

    text: str
    origin: str
    question: str = ""


def listed(
    lines: Sequence[Line], comment: str, separator: str = "", indent: str = "", end: str = ""
) -> str:
    """Write lines below each other; each says where it comes from, and asks before if it must."""
    return "\n".join(
        _written(line, comment, separator if number < len(lines) else end, indent)
        for number, line in enumerate(lines, 1)
    )


def _written(line: Line, comment: str, separator: str, indent: str) -> str:
    asked = f"{indent}{comment} {QUESTION} {line.question}\n" if line.question else ""
    origin = f"  {comment} from: {line.origin}" if line.origin else ""
    told = "\n".join(f"{indent}{text}" if text else text for text in line.text.splitlines())
    return f"{asked}{told}{separator}{origin}"


def questions(lines: Iterable[Line]) -> int:
    """Count what is to be asked."""
    return sum(bool(line.question) for line in lines)


def template(name: str) -> Template:
    """Return a template of this package."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - neither SQL nor TOML is HTML
    )
    return environment.get_template(name)
