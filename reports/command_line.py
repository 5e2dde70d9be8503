"""``python -m reports``: verify, compare, merge, render and survey evidence, and make its keys.

Exit codes: 0 done, 1 the evidence is not what it was asked for, 4 wrongly called. ``verify`` asks
for evidence that is genuine and READY.
"""

import argparse
import os
import sys
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from reports import demands, surveying
from reports.attestation import BadKey, make_keys, read_public_key, read_signing_key
from reports.compare import compare, render_markdown, render_text
from reports.contents import some
from reports.evidence import FIRST_SCHEMA, Evidence
from reports.files import ATTESTATION, RECORD, WRITTEN, held, is_page, write_folder
from reports.findings import Fault
from reports.junit import render_junit
from reports.key import EMPTY, SIGNING_KEY, is_empty
from reports.merge import merged, read_parts, why_not
from reports.record import BadRecord, load_record, schema
from reports.sentences import headline, judged_lines, not_judged_lines, period, remarks
from reports.surveying import WronglyCalled
from reports.verify import Verified, verify_folder
from runbook.words import counted, one_line

if TYPE_CHECKING:
    from securesystemslib.signer import CryptoSigner, Key

EXIT_OK, EXIT_FINDINGS, EXIT_USAGE = 0, 1, 4
# More findings than these are counted.
MOST_TOLD = 30
PRIVATE, PUBLIC = "p9a-private.pem", "p9a-public.pem"


class _Parser(argparse.ArgumentParser):
    """Says in one line what was wrong with the call, and exits with the documented code."""

    def error(self, message: str) -> NoReturn:
        self.exit(EXIT_USAGE, f"reports: {message}; see --help\n")


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code."""
    given = _parser().parse_args(arguments)
    try:
        exit_code: int = given.run(given)
    except (WronglyCalled, BadKey) as error:
        return _complain(str(error), EXIT_USAGE)
    except BadRecord as error:
        return _complain(str(error), EXIT_FINDINGS)
    except OSError as error:
        return _complain(f"{error.filename}: {error.strerror}", EXIT_USAGE)
    return exit_code


def _parser() -> _Parser:
    parser = _Parser(prog="python -m reports", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    verify = commands.add_parser("verify", help="is the evidence whole, unchanged, and READY?")
    verify.add_argument("folder", type=Path)
    verdict = verify.add_mutually_exclusive_group()
    verdict.add_argument(
        "--ready", action="store_true", help="demand READY, as is done anyway; say one reason"
    )
    verdict.add_argument(
        "--any-verdict", action="store_true", help="only ask whether the evidence is genuine"
    )
    verify.add_argument(
        "--tenant",
        action="append",
        default=[],
        metavar="ID",
        help="demand that this tenant was judged, and READY whatever became of others; repeatable",
    )
    verify.add_argument(
        "--period",
        type=demands.period,
        metavar="MONTH[/END]",
        help="demand this period, e.g. 2026-02, or 2026-02-01/2026-03-01, whose end is exclusive",
    )
    verify.add_argument(
        "--platform",
        default="",
        metavar="NAME|PATH|DIGEST",
        help="demand this platform, best by its description's folder",
    )
    verify.add_argument(
        "--not-rehearsal", action="store_true", help="refuse the evidence of a rehearsal"
    )
    verify.add_argument(
        "--public-key", type=Path, metavar="FILE", help="demand that this key signed it"
    )
    verify.add_argument(
        "--max-age",
        type=demands.days,
        metavar="DAYS",
        help="refuse evidence of a run that ended earlier",
    )
    verify.set_defaults(run=_verify)
    changes = commands.add_parser("compare", help="what changed between two runs?")
    changes.add_argument("older", type=Path)
    changes.add_argument("newer", type=Path)
    changes.add_argument("--markdown", action="store_true", help="as a table for a comment")
    changes.set_defaults(run=_compare)
    merge = commands.add_parser("merge", help="make one record of many, of shards or of tenants")
    merge.add_argument("folders", type=Path, nargs="+", metavar="folder")
    merge.add_argument("--into", type=Path, required=True, metavar="FOLDER", help="where to")
    merge.add_argument(
        "--public-key", type=Path, metavar="FILE", help="demand that this key signed each"
    )
    merge.add_argument(
        "--max-age",
        type=demands.days,
        metavar="DAYS",
        help="refuse a record of a run that ended earlier",
    )
    merge.set_defaults(run=_merge)
    render = commands.add_parser("render", help=f"make every file again from {RECORD}")
    render.add_argument("folder", type=Path)
    render.add_argument(
        "--jenkins", type=Path, metavar="FILE", help="only write JUnit XML for Jenkins' xUnit there"
    )
    render.set_defaults(run=_render)
    keys = commands.add_parser("keygen", help="make a key pair to sign and to verify with")
    keys.add_argument("folder", type=Path)
    keys.set_defaults(run=_keygen)
    surveying.add_parser(commands).set_defaults(run=_history)
    published = commands.add_parser("schema", help=f"print the JSON Schema of {RECORD}")
    published.set_defaults(run=_schema)
    return parser


def _verify(given: argparse.Namespace) -> int:
    verified = verify_folder(given.folder, _public_key(given), given.max_age)
    if any(finding.fault is Fault.NO_FOLDER for finding in verified.findings):
        raise WronglyCalled(_no_folder(given.folder))
    if verified.evidence is None or verified.findings:
        return _refuse(given, verified)
    evidence = verified.evidence
    print(f"{given.folder} is whole and unchanged; {_signed_by(given, verified)}")
    for line in (*_written_otherwise(evidence, verified), *_says(evidence)):
        print(one_line(line))
    demanded = demands.Demands(
        ready=not given.any_verdict,
        tenants=tuple(given.tenant),
        period=given.period,
        platform=given.platform,
        no_rehearsal=given.not_rehearsal,
    )
    why = demands.unmet(evidence, demanded)
    return (
        _complain(f"{given.folder} is not what was asked for: {why}", EXIT_FINDINGS)
        if why
        else EXIT_OK
    )


def _signed_by(given: argparse.Namespace, verified: Verified) -> str:
    if not verified.signed:
        return "nobody signed it"
    if given.public_key is None:
        return "it is signed, but only with --public-key is it known by whom"
    return f"signed with the key of {given.public_key}"


def _written_otherwise(evidence: Evidence, verified: Verified) -> Iterator[str]:
    if verified.otherwise:
        names = some(verified.otherwise, len(WRITTEN))
        yield (
            f"{names}: written by gate {_maker(evidence)}, and this one "
            f"would write otherwise; what holds is {RECORD}"
        )


def _says(evidence: Evidence) -> Iterator[str]:
    if evidence.schema_ == FIRST_SCHEMA:
        yield f"it is {FIRST_SCHEMA}: on which platform, and on whose events, it does not say"
    yield from judged_lines(evidence)
    yield from not_judged_lines(evidence)
    for tenant in evidence.tenants:
        yield from (f"{tenant.id}: {remark}" for remark in remarks(tenant))
    rehearsed = "a rehearsal, which says nothing about a customer; " if evidence.rehearsal else ""
    yield (
        f"{headline(evidence)}: {rehearsed}{counted(len(evidence.tenants), 'tenant')}, "
        f"{period(evidence)}, judged {evidence.finished_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    )


def _refuse(given: argparse.Namespace, verified: Verified) -> int:
    if given.ready:
        why = f"{given.folder} cannot be trusted: {verified.findings[0]}"
        return _complain(why, EXIT_FINDINGS)
    print(f"reports: {given.folder} cannot be trusted:", file=sys.stderr)
    for finding in verified.findings[:MOST_TOLD]:
        print(f"  {one_line(str(finding))}", file=sys.stderr)
    if (more := len(verified.findings) - MOST_TOLD) > 0:
        print(f"  and {counted(more, 'finding')} more", file=sys.stderr)
    if verified.evidence is not None:
        print(f"  it says that gate {_maker(verified.evidence)} wrote it", file=sys.stderr)
    return EXIT_FINDINGS


def _maker(evidence: Evidence) -> str:
    return one_line(f"{evidence.tool.version} {evidence.tool.commit}".strip())


def _compare(given: argparse.Namespace) -> int:
    changes = compare(_load(given.older), _load(given.newer))
    print((render_markdown if given.markdown else render_text)(changes), end="")
    return EXIT_OK


def _merge(given: argparse.Namespace) -> int:
    signer = _signer()
    _demand_room(given.into, given.folders)
    parts, refused = read_parts(given.folders, _public_key(given), given.max_age)
    refused = refused or why_not(parts)
    for why in refused:
        _complain(why, EXIT_FINDINGS)
    if refused:
        return EXIT_FINDINGS
    evidence = merged(parts)
    write_folder(evidence, given.into, signer=signer)
    unsigned = sum(not part.signed for part in parts)
    print(f"{given.into} holds {counted(len(parts), 'record')}, {unsigned} of them unsigned")
    for line in _says(evidence):
        print(one_line(line))
    return EXIT_OK


def _demand_room(into: Path, folders: list[Path]) -> None:
    """Raise :class:`WronglyCalled` where there is nothing to merge, or no place for it."""
    if lost := [folder for folder in folders if not folder.is_dir()]:
        raise WronglyCalled(_no_folder(lost[0]))
    if into.resolve() in [folder.resolve() for folder in folders]:
        raise WronglyCalled(f"--into={into} is one of those that are merged: name another folder")
    if into.exists() and not into.is_dir():
        raise WronglyCalled(f"--into={into} is a file: name a folder")
    others = [name for name, _ in held(into) if name not in WRITTEN and not is_page(name)]
    if others:
        raise WronglyCalled(f"--into={into} holds {others[0]}, which is no evidence: name another")


def _signer() -> "CryptoSigner | None":
    """Take the key out of the environment. Raises :class:`WronglyCalled` where it is empty."""
    secret = os.environ.pop(SIGNING_KEY, None)
    if is_empty(secret):
        raise WronglyCalled(EMPTY)
    return read_signing_key(secret) if secret else None


def _public_key(given: argparse.Namespace) -> "Key | None":
    return read_public_key(given.public_key) if given.public_key else None


def _render(given: argparse.Namespace) -> int:
    evidence = _load(given.folder)
    if given.jenkins is not None:
        if given.jenkins.resolve().parent == given.folder.resolve():
            raise WronglyCalled(
                f"--jenkins={given.jenkins} lies among the evidence: choose another"
            )
        given.jenkins.write_bytes(render_junit(evidence, case_properties=False))
        return EXIT_OK
    signer = _signer()
    if signer is None and (given.folder / ATTESTATION).exists():
        raise WronglyCalled(
            f"{given.folder} is signed: set {SIGNING_KEY} to sign what is made again, or remove "
            f"{ATTESTATION}"
        )
    write_folder(evidence, given.folder, signer=signer)
    return EXIT_OK


def _history(given: argparse.Namespace) -> int:
    for line in surveying.survey(given):
        print(one_line(line))
    return EXIT_OK


def _keygen(given: argparse.Namespace) -> int:
    private, public = given.folder / PRIVATE, given.folder / PUBLIC
    for path in (private, public):
        if path.exists():
            raise WronglyCalled(f"{path} exists: keys are never overwritten, choose another folder")
    given.folder.mkdir(parents=True, exist_ok=True)
    secret, open_to_all = make_keys()
    with os.fdopen(os.open(private, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(secret)
    public.write_bytes(open_to_all)
    print(f"keep secret: {private}, for {SIGNING_KEY}; hand out: {public}, for verify --public-key")
    return EXIT_OK


def _schema(given: argparse.Namespace) -> int:
    print(schema(), end="")
    return EXIT_OK


def _load(folder: Path) -> Evidence:
    if not folder.is_dir():
        raise WronglyCalled(_no_folder(folder))
    try:
        return load_record((folder / RECORD).read_bytes())
    except FileNotFoundError:
        raise BadRecord(f"{folder} holds no {RECORD}: it is no evidence") from None
    except BadRecord as error:
        raise BadRecord(f"{folder / RECORD}: {error}") from None


def _no_folder(folder: Path) -> str:
    return f"{folder} is no folder: name one that a run wrote, such as reports/out/latest"


def _complain(message: str, exit_code: int) -> int:
    print(f"reports: {one_line(message)}", file=sys.stderr)
    return exit_code
