"""What GitHub Actions shows of a run: annotations on its log, and the job's summary."""

import os
from collections.abc import Iterator
from pathlib import Path

from reports.evidence import Evidence
from reports.sentences import (
    SEEDS_ALONE,
    further,
    headline,
    judged_lines,
    meaning,
    not_judged_lines,
    outcome,
    seeds_alone,
    warning_lines,
)
from reports.summary import render_summary
from reports.verdict import exit_code
from runbook.statuses import Status
from runbook.words import one_line

SUMMARY_BYTES = 1024 * 1024


def announce(evidence: Evidence) -> Iterator[str]:
    """Append the summary where ``GITHUB_STEP_SUMMARY`` says; yield the annotations to print.

    Without it, this is no GitHub job and nothing is yielded. A summary that cannot be written
    costs a warning, never the verdict.
    """
    place = os.environ.get("GITHUB_STEP_SUMMARY", "")
    if not place:
        return
    yield from annotations(evidence)
    problem = _append(evidence, Path(place))
    if problem:
        yield command("warning", "P9-A", f"no job summary was written: {problem}")


def annotations(evidence: Evidence) -> Iterator[str]:
    """Yield the verdict, an error for every check that failed, and for what ended a tenant.

    A green verdict is a warning where something was not judged, or judged on seeds alone, and where
    there is something to warn of.
    """
    yield _verdict(evidence)
    for tenant in evidence.tenants:
        if tenant.reason:
            yield command("error", f"P9-A {tenant.id}", tenant.reason)
        for check in tenant.results:
            if check.status is Status.FAILED:
                words = f"{check.title}: {outcome(check)}"
                detail = further(check)
                told = "\n".join(filter(None, (words, detail)))
                yield command("error", f"{check.id} {tenant.id}", told)


def _verdict(evidence: Evidence) -> str:
    alone = [f"{tenant.id}: {SEEDS_ALONE}" for tenant in evidence.tenants if seeds_alone(tenant)]
    doubts = [*not_judged_lines(evidence), *warning_lines(evidence), *alone]
    reason = f": {evidence.reason}" if evidence.reason else ""
    verdict = f"{headline(evidence)}: {meaning(evidence)}{reason}"
    words = map(one_line, [verdict, *doubts, *judged_lines(evidence)])
    green = "warning" if doubts else "notice"
    return command("error" if exit_code(evidence) else green, "P9-A", "\n".join(words))


def command(level: str, title: str, message: str) -> str:
    """Return a workflow command, in one line that no text can break out of."""
    escaped = _escape(message)
    return f"::{level} title={_escape(title).replace(':', '%3A').replace(',', '%2C')}::{escaped}"


def _escape(text: str) -> str:
    return "%0A".join(one_line(line).replace("%", "%25") for line in text.splitlines())


def _append(evidence: Evidence, place: Path) -> str:
    """Append the summary; return what kept it from being written, if anything did."""
    try:
        used = place.stat().st_size if place.exists() else 0
        summary = render_summary(evidence, SUMMARY_BYTES - used)
        with place.open("ab") as file:
            file.write(summary)
    except OSError as error:
        return error.strerror or "it cannot be opened"
    return "" if summary else "the job's summary is full"
