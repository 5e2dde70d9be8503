"""``summary.md``: the record for a comment on a pull request, or a job's summary.

What was not judged stands first, then the verdict, then each tenant, those that are not ready
before the others. What does not fit the budget is left out by whole sections, and said so; without
room for the verdict there is no summary.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC

from reports.evidence import (
    NOT_SELECTED,
    Check,
    Evidence,
    LackFacts,
    LeftBehind,
    ResidueFacts,
    TenantEvidence,
    Verdict,
)
from reports.markdown import LONGEST, code, table
from reports.reproduction import DATABASE, again
from reports.sentences import (
    REHEARSAL,
    SEEDS_ALONE,
    STATUS_WORDS,
    beside_rows,
    beside_title,
    bill,
    database_words,
    headline,
    lack_words,
    left_words,
    lines_of,
    loudest_first,
    meaning,
    odd_words,
    part_lines,
    period,
    platform_words,
    reason,
    residue_lines,
    seeds_alone,
    seeds_alone_words,
    shares,
    tenants_power,
    unseen_lines,
    verdict_words,
    warning_lines,
)
from runbook.statuses import Status
from runbook.words import counted

COMMENT_BYTES = 60_000
# Room for the line that says what was left out.
NOTE_BYTES = 200
# What was not judged takes no more than this, so that the verdict has room; to keep to it, the
# reasons are cut to so many characters each.
LACKS_BYTES = 20_000
WARNINGS_BYTES = 10_000
CUTS = (LONGEST, 150, 40)
# Of the platform's bill; the record has all that differs.
MOST_BESIDE = 30
# A command that was cut would be another one.
LONGEST_COMMAND = 1_000


def render_summary(evidence: Evidence, budget: int = COMMENT_BYTES) -> bytes:
    """Return the Markdown, at most ``budget`` bytes of it; nothing if the verdict does not fit."""
    head, last = "\n\n".join(_head(evidence)), _reproduce(evidence)
    room = budget - NOTE_BYTES - _size(last) - _size(head)
    if room < 0:
        return b""
    kept, left_out = [head], 0
    for section in _sections(evidence):
        if _size(section) <= room:
            kept.append(section)
            room -= _size(section)
        else:
            left_out += 1
    if left_out:
        note = f"{counted(left_out, 'section')} left out for length: evidence.json holds them all."
        kept.append(f"_{note}_")
    return "\n\n".join([*kept, last, ""]).encode()


def _size(section: str) -> int:
    return len(section.encode()) + 2


def _sections(evidence: Evidence) -> Iterator[str]:
    for tenant in evidence.tenants:
        if tenant.platform_bill:
            yield "\n\n".join(_both_bills(tenant))
    if evidence.residue is not None:
        yield "\n\n".join(_residue(evidence.residue))
    for tenant in sorted(evidence.tenants, key=lambda tenant: tenant.verdict is Verdict.READY):
        yield "\n\n".join(_criteria(tenant, evidence.not_judged))
        bad = [check for check in tenant.checks if _worth_telling(check, tenant)]
        if bad:
            yield _results(f"Did not pass, {code(tenant.id)}", bad)
        yield _facts(tenant, evidence)


def _both_bills(tenant: TenantEvidence) -> Iterator[str]:
    yield f"### {code(beside_title(tenant))}: {code(tenant.id)}"
    *lines, total = beside_rows(tenant)
    rows = [tuple(map(code, row)) for row in lines[:MOST_BESIDE]]
    if more := len(lines) - len(rows):
        rows.append((f"and {counted(more, 'line')} more: evidence.json", "", "", "", ""))
    rows.append(tuple(f"**{code(cell)}**" if cell else "" for cell in total))
    yield table(("line", "platform", "oracle", "difference", "in words"), rows)
    if tenant.diagnosis:
        yield "\n".join(_diagnosis(tenant))


def _diagnosis(tenant: TenantEvidence) -> Iterator[str]:
    yield from (f"- diagnosis: {code(words)}" for words in tenant.diagnosis)


def _head(evidence: Evidence) -> Iterator[str]:
    if evidence.not_judged:
        versions = (_lacks(evidence.not_judged, longest) for longest in CUTS)
        fitting = (text for text in versions if _size(text) <= LACKS_BYTES)
        yield next(fitting, _lacks(evidence.not_judged, CUTS[-1]))
    if warnings := warning_lines(evidence):
        yield _warnings(warnings)
    yield f"## P9-A: {headline(evidence)}"
    words = meaning(evidence)
    yield f"**{words[0].upper()}{words[1:]}.**"
    if evidence.rehearsal:
        yield f"{REHEARSAL}."
    if evidence.reason:
        yield f"Reason: {code(evidence.reason)}"
    if told := seeds_alone_words(evidence):
        yield f"**{told[0].upper()}{told[1:]}.**"
    target, tool = evidence.target, evidence.tool
    platform = "; ".join(filter(None, (platform_words(evidence.platform), target.billing)))
    changed = ", files changed since" if tool.dirty else ""
    rows = [
        ("Period", code(period(evidence))),
        ("Tenants", "; ".join([str(len(evidence.tenants)), *part_lines(evidence)])),
        ("Platform", code(platform)),
        ("Database", code(database_words(target))),
        ("Gate", code(f"{tool.version}, commit {tool.commit or 'unknown'}{changed}")),
        ("Options", code(" ".join(f"{name}={value}" for name, value in evidence.options.items()))),
        ("Finished", code(f"{evidence.finished_at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC")),
    ]
    yield table(("Run", ""), rows)


def _lacks(lacks: Iterable[LackFacts], longest: int) -> str:
    lines = (f"- {code(lack_words(lack), longest)}" for lack in lacks)
    return "\n".join(("**Not judged:**", "", *lines))


def _warnings(lines: tuple[str, ...]) -> str:
    """List the warnings, as many as leave room for the verdict."""
    told: list[str] = []
    room = WARNINGS_BYTES
    for line in lines:
        item = f"- {code(line)}"
        room -= _size(item)
        if room < 0:
            more = len(lines) - len(told)
            told.append(f"- and {counted(more, 'warning')} more: evidence.json holds them all")
            break
        told.append(item)
    return "\n".join(("**Warnings:**", "", *told))


def _residue(residue: ResidueFacts) -> Iterator[str]:
    yield "### A last look at the database"
    yield from (f"- {code(line)}" for line in residue_lines(residue))


def _reproduce(evidence: Evidence) -> str:
    told = again(evidence)
    lines = ["### How to reproduce", ""]
    if told.checkout:
        lines.append(f"- {code(told.checkout)}")
    if told.database:
        lines.append(f"- set {code(DATABASE)} to {code(told.database)}")
    others = f", and the other {counted(told.others, 'tenant')} likewise" if told.others else ""
    lines.append(f"- {code(told.command, LONGEST_COMMAND)}{others}")
    return "\n".join(lines)


def _criteria(tenant: TenantEvidence, not_judged: Iterable[LackFacts]) -> Iterator[str]:
    verdict = verdict_words(tenant.verdict, not_judged)
    yield f"### {verdict}: {code(tenant.name or 'tenant')} {code(tenant.id)}"
    if tenant.verdict in (Verdict.NOT_READY, Verdict.ABORTED):
        yield f"Reason: {code(reason(tenant))}"
    if tenant.diagnosis and not tenant.platform_bill:
        yield "\n".join(_diagnosis(tenant))
    yield _results("Exit criteria", list(tenant.exit_criteria))


def _facts(tenant: TenantEvidence, evidence: Evidence) -> str:
    seeds, books = tenant.seeds, tenant.books
    rows = "the same" if books.unchanged else "**not the same**"
    return table(
        ("Tenant", code(tenant.id)),
        [
            ("Period", code(period(evidence))),
            ("Bill", code(bill(tenant))),
            ("Of it", code("; ".join(shares(tenant))) or "not told apart"),
            *((("Not billed", code(odd_words(tenant))),) if tenant.odd_events else ()),
            *((("Power", code(power)),) if (power := tenants_power(tenant)) else ()),
            *((("Judged on", f"**{SEEDS_ALONE}**"),) if seeds_alone(tenant) else ()),
            ("Invoice drafted", _drafted(tenant)),
            ("Seeds", code(f"{seeds.inserted} inserted, {seeds.removed} removed")),
            ("Keys of the seeds", code(", ".join(seeds.keys)) or "none"),
            ("Swept, left by a dead run", code(", ".join(tenant.swept)) or "nothing"),
            ("Rows before and after", rows if books.after else "not compared"),
            *(("Left behind", _left(left)) for left in loudest_first(tenant.left_behind)),
            *(("Unseen", code(line)) for line in unseen_lines(tenant)),
        ],
    )


def _left(left: LeftBehind) -> str:
    return code(left_words(left)) if left.declared else f"**{code(left_words(left))}**"


def _drafted(tenant: TenantEvidence) -> str:
    invoice = tenant.invoice
    if invoice is None:
        return "none"
    gone = "removed again" if invoice.removed else "**not removed**"
    return f"{code(f'{invoice.number}, {invoice.amount:f} {tenant.currency}')}, {gone}"


def _worth_telling(check: Check, tenant: TenantEvidence) -> bool:
    """Whether it did not pass; what was not run only where that matters and is not told above."""
    if check.status is not Status.NOT_RUN:
        return check.status is not Status.PASSED
    return tenant.verdict is not Verdict.READY and check.detail not in (NOT_SELECTED, tenant.reason)


def _beside(check: Check) -> str:
    return "" if check.detail in check.got else check.detail


def _results(title: str, results: list[Check]) -> str:
    rows = [
        (
            STATUS_WORDS[check.status],
            code(f"{check.id} {check.title}"),
            code(check.got),
            code(check.expected),
            "<br>".join(map(code, lines_of(_beside(check)))),
        )
        for check in results
    ]
    head = ("", title, "got", "expected", "why, and what to do")
    return table(head, rows)
