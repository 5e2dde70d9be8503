"""The overview of a history, and a page for each tenant. Pure: one history, the same pages.

Cells are put together here and not in the template: there are thousands, most of them alike.
"""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

from markupsafe import Markup

from reports.display import money, visible
from reports.evidence import Verdict
from reports.files import REPORT
from reports.history import INDEX, NEVER, UNTRUSTED, Cell, Column, History, Row, link
from reports.markup import environment, hash_of, isolated, style_of
from reports.strips import HEIGHT_PX, strip

# So many cells are told in words; the drawing beside them has every night, as has a tenant's page.
MOST_CELLS, MOST_NIGHTS, FEWEST_NIGHTS = 3_000, 31, 5
SHORT_REASON = 60
ON_SEEDS = '<small class="warned">on seeds of the gate alone</small>'
EMPTY = f'<td class="none">{NEVER}</td>'
UNKNOWN = f'<td class="failed">{UNTRUSTED}</td>'

# Where each run's folder is, from the pages.
Places = Mapping[Path, str]


def pages_of(history: History, root: Path, command: str) -> Iterator[tuple[str, bytes]]:
    """Yield the name and content of every page; ``root`` is where they will lie.

    ``command`` is what makes them again.
    """
    places = {folder: link(folder, root) for column in history.columns for folder in column.runs}
    yield INDEX, _overview(history, places, command)
    for row in history.rows:
        yield row.file, _tenant_page(history, row, places, command)


def _overview(history: History, places: Places, command: str) -> bytes:
    fitting = MOST_CELLS // max(1, len(history.rows))
    nights = max(FEWEST_NIGHTS, min(MOST_NIGHTS, fitting))
    newest = list(enumerate(history.columns))[: -nights - 1 : -1]
    judged = history.customers
    return _rendered(
        "history.html",
        history=history,
        tables=[
            (title, [(row, strip(history, row), _cells(row, newest, places)) for row in rows])
            for title, rows in (("Tenants", judged), ("Rehearsals", history.rehearsed))
            if rows
        ],
        newest=[column for _, column in newest],
        ready=[row for row in judged if row.latest.judged.verdict is Verdict.READY],
        judged=judged,
        tone=_tone(history, judged),
        reports={folder: f"{place}{REPORT}" for folder, place in places.items()},
        command=command,
    )


def _tone(history: History, judged: list[Row]) -> str:
    """The class of the worst that a reader has to know; nothing says READY of nobody."""
    verdicts = [row.latest.judged.verdict for row in judged]
    silent = any(history.silence(row) for row in judged)
    if history.untrusted or Verdict.NOT_READY in verdicts or Verdict.ABORTED in verdicts:
        return Verdict.NOT_READY.value
    ready = bool(verdicts) and not silent and Verdict.PARTIAL not in verdicts
    return (Verdict.READY if ready else Verdict.PARTIAL).value


def _cells(row: Row, newest: list[tuple[int, Column]], places: Places) -> Markup:
    return _joined(_cell(row.cells.get(n), column, places) for n, column in newest)


def _cell(cell: Cell | None, column: Column, places: Places) -> str:
    if cell is None:
        return EMPTY if column.trusted else UNKNOWN
    one = cell.judged
    billed = "" if one.amount is None else f"{_amount(one.amount, one.currency)}, "
    return (
        f'<td><a href="{places[cell.folder]}{cell.place}">'
        f"{_mark(one.verdict, one.verdict_in_words)}</a>{_why(one.reason, SHORT_REASON)}"
        f"{ON_SEEDS if one.seeds_alone else ''}<small>{billed}{one.seconds:.1f} s</small></td>"
    )


def _night(cell: Cell, column: Column, places: Places) -> str:
    one = cell.judged
    billed = "none" if one.amount is None else _amount(one.amount, one.currency)
    return (
        f'<tr><th scope="row"><a href="{places[cell.folder]}{cell.place}">{column.label}'
        f"</a><small>{cell.night.period}</small></th>"
        f"<td>{_mark(one.verdict, one.verdict_in_words)}{_why(one.reason, len(one.reason))}"
        f"{ON_SEEDS if one.seeds_alone else ''}</td><td>{billed}</td><td>{one.seconds:.1f} s</td>"
        "</tr>"
    )


def _joined(pieces: Iterable[str]) -> Markup:
    """Put together what was escaped piece by piece."""
    return Markup("\n".join(pieces))  # noqa: S704 - every piece is made here, of escaped words


@lru_cache(maxsize=10_000)
def _mark(verdict: Verdict, words: str) -> str:
    return f'<b class="mark {verdict.value}">{isolated(visible(words, 120))}</b>'


@lru_cache(maxsize=10_000)
def _why(reason: str, longest: int) -> str:
    if not reason:
        return ""
    shown = f"{reason[:longest].rstrip()}…" if len(reason) > longest else reason
    return f'<small class="why">{isolated(shown)}</small>'


@lru_cache(maxsize=10_000)
def _amount(amount: Decimal, currency: str) -> str:
    return str(isolated(money(amount, currency)))


def _tenant_page(history: History, row: Row, places: Places, command: str) -> bytes:
    return _rendered(
        "history-tenant.html",
        history=history,
        row=row,
        drawing=strip(history, row, len(history.columns)),
        nights=_joined(
            _night(row.cells[n], history.columns[n], places)
            for n in sorted(row.cells, reverse=True)
        ),
        index=INDEX,
        command=command,
    )


def _marked(verdict: Verdict, words: str) -> Markup:
    return _joined([_mark(verdict, words)])


def _rendered(template: str, **values: object) -> bytes:
    style = style_of("page.css", "history.css")
    rendered = (
        environment()
        .get_template(template)
        .render(
            style=style,
            style_hash=hash_of(style),
            height=HEIGHT_PX,
            mark=_marked,
            untrusted=UNTRUSTED,
            **values,
        )
    )
    return rendered.encode()
