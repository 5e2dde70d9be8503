"""How the templates write: any value is made visible and escaped; the only style is a page's own.

A page's policy names its style by hash, runs no script and loads nothing.
"""

import re
import sys
from base64 import b64encode
from contextlib import suppress
from functools import cache, lru_cache
from hashlib import sha256
from pathlib import Path

from jinja2 import Environment, FileSystemBytecodeCache, FileSystemLoader, StrictUndefined
from jinja2.bccache import Bucket
from markupsafe import Markup, escape

from reports.display import grouped, money, months, percentage, visible
from reports.files import renderer_sha256
from reports.sentences import (
    SEEDS_ALONE,
    STATUS_WORDS,
    UNASKED,
    beside_rows,
    beside_title,
    database_words,
    left_words,
    lines_of,
    odd_words,
    platform_words,
    seeds_alone,
    shares,
    tenants_power,
)
from runbook.words import counted

TEMPLATES = Path(__file__).parent / "templates"
DAY = re.compile(r"\b\d{4}-\d\d-\d\d\b", re.ASCII)
# More warnings than these are told at their tenants alone.
MOST_WARNINGS = 12


class _Compiled(FileSystemBytecodeCache):
    """Templates as Python's own files: compiled once, kept beside them, anew when any changes."""

    def __init__(self) -> None:
        super().__init__(str(Path(__file__).parent / "__pycache__"))

    def get_source_checksum(self, source: str) -> str:
        """Return what is known of a template, and of all else that decides how it renders."""
        return renderer_sha256() + super().get_source_checksum(source)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep it where Python may keep what it compiles."""
        if not sys.dont_write_bytecode:
            with suppress(OSError):
                super().dump_bytecode(bucket)


@cache
def environment() -> Environment:
    """Return what renders every template."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        bytecode_cache=_Compiled(),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters |= {
        "beside_rows": beside_rows,
        "beside_title": beside_title,
        "breakable": _breakable,
        "counted": counted,
        "dated": _dated,
        "database_words": database_words,
        "grouped": grouped,
        "isolated": isolated,
        "left_words": left_words,
        "lines_of": lines_of,
        "money": money,
        "months": months,
        "odd_words": odd_words,
        "percentage": percentage,
        "platform_words": platform_words,
        "seeds_alone": seeds_alone,
        "shares": shares,
        "tenants_power": tenants_power,
        "visible": visible,
    }
    made.globals |= {
        "MOST_WARNINGS": MOST_WARNINGS,
        "SEEDS_ALONE": SEEDS_ALONE,
        "STATUS_WORDS": STATUS_WORDS,
        "UNASKED": UNASKED,
    }
    return made


def _shown(value: object) -> object:
    """What the templates write for a value: markup as it is, any text made visible."""
    return _escaped(value) if isinstance(value, str) and not isinstance(value, Markup) else value


# Most texts of a run are those of its other tenants too.
@lru_cache(maxsize=10_000)
def _escaped(text: str) -> Markup:
    return escape(visible(text))


@lru_cache(maxsize=10_000)
def isolated(text: str) -> Markup:
    """Keep a text's own direction within itself; one in ASCII has none."""
    shown = escape(visible(text))
    return shown if text.isascii() else Markup("<bdi>{}</bdi>").format(shown)


def _dated(text: str) -> Markup:
    """Keep each day of a text in one line."""
    return Markup(DAY.sub(r"<time>\g<0></time>", str(escape(visible(text)))))  # noqa: S704 - escaped


def _breakable(text: str) -> Markup:
    """Let a long identifier go on below at its underscores."""
    return Markup("_<wbr>").join(isolated(word) for word in text.split("_"))


def style_of(*names: str) -> Markup:
    """Return the style of a page, put together from files."""
    return Markup("\n") + Markup("").join(map(_read, names))


def hash_of(style: Markup) -> str:
    """Return what a page's policy knows its style by."""
    return b64encode(sha256(style.encode()).digest()).decode()


@cache
def _read(name: str) -> Markup:
    return Markup((TEMPLATES / name).read_text(encoding="utf-8"))  # noqa: S704 - the project's own
