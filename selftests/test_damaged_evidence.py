"""A catalogue of damaged evidence: the command refuses each kind in one line, for its reason.

What is forged here is forged well: all else is made again, and the hashes with it.
"""

import io
import json
import shutil
import tarfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from reports.attestation import make_keys, read_signing_key
from reports.evidence import Evidence, LackFacts, Verdict
from reports.files import ATTESTATION, RECORD, SUMS, WRITTEN, write_folder
from reports.record import load_record, spell
from runbook.lacks import Lack
from selftests.records import (
    ALICE,
    NOTHING,
    STARTED,
    STRAY,
    failed,
    not_judged,
    not_run,
    ready,
    run,
    tenant,
)
from selftests.verifying import said, sum_up

pytest_plugins = ["selftests.verifying"]
pytestmark = pytest.mark.usefixtures("this_gate")

BOB = "6f2b8a52-0c1d-4e6f-9a7b-5d4c3b2a1908"
# A folder of evidence is damaged in place.
Damage = Callable[[Path], None]


@dataclass(frozen=True)
class Kind:
    """A kind of damage; the refusal names ``fault``. ``signed`` asks for the signature as well."""

    name: str
    damage: Damage
    fault: str
    signed: bool = True


def kinds() -> Iterator[Kind]:
    """Yield every kind."""
    yield from files()
    yield from sums()
    yield from spellings()
    yield from fields()
    yield from signatures()
    yield from runs()
    yield from clocks()
    yield from conclusions()


# Files -----------------------------------------------------------------------------------------


def files() -> Iterator[Kind]:
    for name in WRITTEN:
        lost = "hash_differs" if name == ATTESTATION else "file_is_missing"
        yield Kind(f"{name} is lost", changing(name, lambda _: None), lost)
        yield Kind(f"{name} is empty", changing(name, lambda _: b""), "hash_differs")
        yield Kind(f"{name} is cut in half", changing(name, half), "hash_differs")
        yield Kind(f"{name} goes on", changing(name, lambda old: old + b"\n"), "hash_differs")
        yield Kind(f"{name} is a folder", instead(name, Path.mkdir), lost)
        yield Kind(f"{name} is a link", instead(name, to_nowhere), lost)
    for one, other in (
        ("report.html", "summary.md"),
        ("junit.xml", "bill.csv"),
        (RECORD, ATTESTATION),
        (RECORD, SUMS),
    ):
        yield Kind(f"{one} and {other} are swapped", swapping(one, other), "hash_differs")
    for name in ("notes.txt", ".hidden", "EVIDENCE.JSON", "evidence.json.bak"):
        yield Kind(f"{name} lies beside", touching(name), "file_is_unknown")
    yield Kind("another run lies within", within, "file_is_unknown")
    yield Kind("the archive was cut", lambda folder: unpacked(folder, 0.6), "file_is_missing")
    yield Kind(
        "the archive's end was cut", lambda folder: unpacked(folder, 0.95), "file_is_missing"
    )


def touching(name: str) -> Damage:
    return lambda folder: (folder / name).touch()


def half(content: bytes) -> bytes:
    return content[: len(content) // 2]


def changing(name: str, change: Callable[[bytes], bytes | None], *, again: bool = False) -> Damage:
    """Change a file, or lose it; ``again`` makes the hashes right."""

    def damage(folder: Path) -> None:
        content = change((folder / name).read_bytes())
        (folder / name).unlink()
        if content is not None:
            (folder / name).write_bytes(content)
        if again:
            sum_up(folder)

    return damage


def instead(name: str, make: Callable[[Path], None]) -> Damage:
    def damage(folder: Path) -> None:
        (folder / name).unlink()
        make(folder / name)

    return damage


def to_nowhere(path: Path) -> None:
    path.symlink_to("nowhere")


def swapping(one: str, other: str) -> Damage:
    def damage(folder: Path) -> None:
        contents = [(folder / name).read_bytes() for name in (one, other)]
        for name, content in zip((other, one), contents, strict=True):
            (folder / name).write_bytes(content)

    return damage


def within(folder: Path) -> None:
    shutil.copytree(folder, folder.parent / "copy")
    shutil.move(folder.parent / "copy", folder / "evidence")


def unpacked(folder: Path, share: float) -> None:
    """Pack the folder, lose the end of the archive, and unpack what is left."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for path in sorted(folder.iterdir(), key=lambda path: path.stat().st_size):
            archive.add(path, path.name)
    shutil.rmtree(folder)
    with tarfile.open(fileobj=io.BytesIO(packed.getvalue())) as whole:
        size = sum(member.size + 1024 for member in whole)
    cut = io.BytesIO(packed.getvalue()[: int(size * share)])
    folder.mkdir()
    with suppress(tarfile.ReadError), tarfile.open(fileobj=cut) as archive:
        for member in archive:
            source = archive.extractfile(member)
            (folder / member.name).write_bytes(source.read() if source else b"")


# Hashes, and how things are spelled ---------------------------------------------------------------


def sums() -> Iterator[Kind]:
    for name, change in {
        "in another order": lambda old: b"".join(reversed(old.splitlines(keepends=True))),
        "in capitals": lambda old: old.upper(),
        "with a line twice": lambda old: old + old.splitlines(keepends=True)[0],
        "with a line of a file elsewhere": lambda old: old + b"0" * 64 + b"  ../other\n",
        "without a line": lambda old: b"".join(old.splitlines(keepends=True)[1:]),
        "with the ends of another system": lambda old: old.replace(b"\n", b"\r\n"),
        "in binary mode": lambda old: old.replace(b"  ", b" *"),
        "of another algorithm": lambda old: old.replace(old[:64], b"0" * 128),
    }.items():
        yield Kind(f"hashes {name}", changing(SUMS, change), "hash_differs")


def spellings() -> Iterator[Kind]:
    for name, change in {
        "without indents": lambda old: json.dumps(json.loads(old)).encode(),
        "with sorted keys": lambda old: json.dumps(
            json.loads(old), indent=2, sort_keys=True
        ).encode(),
        "with a mark of UTF-8": lambda old: b"\xef\xbb\xbf" + old,
        "in UTF-16": lambda old: old.decode().encode("utf-16"),
        "with the ends of another system": lambda old: old.replace(b"\n", b"\r\n"),
        "without its last line's end": lambda old: old.rstrip(),
        "with a verdict twice": lambda old: old.replace(
            b'"verdict": "READY",', b'"verdict": "NOT_READY", "verdict": "READY",', 1
        ),
        "with an amount as a number": lambda old: old.replace(b'"616.44"', b"616.44"),
        "with an amount with an exponent": lambda old: old.replace(b'"616.44"', b'"6.1644E+2"'),
        "with no number for an amount": lambda old: old.replace(b'"616.44"', b'"NaN"'),
        "with a field that no gate writes": lambda old: old.replace(b"{", b'{"note": "",', 1),
        "without a field": lambda old: old.replace(b'  "rehearsal": false,\n', b"", 1),
        "with an empty list that is never written": lambda old: old.replace(
            b'"diagnosis": [],', b'"unseen": [], "diagnosis": [],'
        ),
        "with an unknown status": lambda old: old.replace(b'"passed"', b'"fine"', 1),
        "of no zone": lambda old: old.replace(b"02:17:00Z", b"02:17:00"),
        "of a day that is none": lambda old: old.replace(b"2026-02-01", b"2026-02-30"),
        "of an older schema": lambda old: old.replace(b"p9a-evidence/2", b"p9a-evidence/0"),
        "of a newer schema": lambda old: old.replace(b"p9a-evidence/2", b"p9a-evidence/3"),
        "that says it is of the first schema": lambda old: old.replace(
            b"p9a-evidence/2", b"p9a-evidence/1"
        ),
        "that is a list": lambda _: b"[]\n",
        "that is nested without end": lambda _: b"[" * 100_000,
    }.items():
        yield Kind(f"a record {name}", changing(RECORD, change, again=True), "record_is_bad")


# Fields: all else is made again, and the signature is kept ----------------------------------------


FORGED: dict[str, Any] = {
    "verdict": "PARTIAL",
    "reason": "another",
    "rehearsal": True,
    "started_at": "2026-02-28T02:17:00Z",
    "finished_at": "2026-03-01T09:17:03Z",
    "tool/version": "0.2.0",
    "tool/commit": "0" * 40,
    "tool/dirty": True,
    "tool/dependencies/psycopg": "3.3.2",
    "tool/plugins/pytest-xdist": "3.8.1",
    "target/database": "another",
    "target/host": "db.elsewhere:5432",
    "target/system_identifier": "1",
    "target/server_version": "18.1",
    "target/billing": "elsewhere",
    "platform/name": "another",
    "platform/kind": "HTTP",
    "platform/description_sha256": "0" * 64,
    "platform/build": "2",
    "options/--seed": "always",
    "period/start": "2026-01-01",
    "period/end": "2026-04-01",
    "tenants/0/id": BOB,
    "tenants/0/name": "Bob",
    "tenants/0/slug": "bob",
    "tenants/0/status": "suspended",
    "tenants/0/currency": "EUR",
    "tenants/0/swept": ["event dryrun-1"],
    "tenants/0/lines/0/rate": "0.5",
    "tenants/0/lines/0/finding_type": "ANOTHER",
    "tenants/0/invoice/number": "DRAFT-2",
    "tenants/0/invoice/removed": False,
    "tenants/0/checks/0/got": "suspended",
    "tenants/0/checks/0/detail": "another",
    "tenants/0/checks/0/seconds": 9.5,
    "tenants/0/exit_criteria/0/got": "another",
    "tenants/0/books/after": "77:124",
    "tenants/0/diagnosis": ["another"],
    "tenants/0/timeline/0/seconds": 9.5,
    "residue": {"removed": [], "remaining": [], "command": "", "reason": "nobody looked"},
}


def fields() -> Iterator[Kind]:
    for place, value in FORGED.items():
        yield Kind(f"{place} is another", with_field(place, value), "attestation_is_bad")


def with_field(place: str, value: Any) -> Damage:
    def damage(folder: Path) -> None:
        document = json.loads((folder / RECORD).read_bytes())
        *inner, last = [int(name) if name.isdigit() else name for name in place.split("/")]
        found = document
        for name in inner:
            found = found[name]
        assert found[last] != value, place
        found[last] = value
        made_again(load_record(spell(document)), folder)

    return damage


def made_again(evidence: Evidence, folder: Path) -> None:
    """Write evidence in the place of another's, whose signature is kept."""
    signature = (folder / ATTESTATION).read_bytes()
    write_folder(evidence, folder)
    (folder / ATTESTATION).write_bytes(signature)
    sum_up(folder)


# Signatures --------------------------------------------------------------------------------------


def signatures() -> Iterator[Kind]:
    bad = "attestation_is_bad"
    yield Kind("nobody signed it", changing(ATTESTATION, lambda _: None, again=True), "not_signed")
    yield Kind("another key signed it", resigned(ready()), bad)
    yield Kind(
        "a forgery, which another key signed", resigned(run(ready().tenants, rehearsal=True)), bad
    )
    for name, change in {
        "is empty": lambda _: b"",
        "is no JSON": lambda old: old[1:],
        "is spelled otherwise": lambda old: json.dumps(json.loads(old)).encode(),
        "has a changed payload": in_envelope(lambda it: it.update(payload=it["payload"][4:])),
        "has a changed signature": in_envelope(
            lambda it: it["signatures"][0].update(sig="A" + it["signatures"][0]["sig"][1:])
        ),
        "has no signature": in_envelope(lambda it: it.update(signatures=[])),
        "has two signatures": in_envelope(lambda it: it["signatures"].append(it["signatures"][0])),
        "is of another kind": in_envelope(lambda it: it.update(payloadType="text/plain")),
        "names another key": in_envelope(lambda it: it["signatures"][0].update(keyid="0" * 64)),
    }.items():
        yield Kind(f"the attestation {name}", changing(ATTESTATION, change, again=True), bad)


def in_envelope(change: Callable[[dict[str, Any]], Any]) -> Callable[[bytes], bytes]:
    def changed(content: bytes) -> bytes:
        envelope = json.loads(content)
        change(envelope)
        return json.dumps(envelope, indent=2).encode() + b"\n"

    return changed


def resigned(evidence: Evidence) -> Damage:
    def damage(folder: Path) -> None:
        secret, _ = make_keys()
        write_folder(evidence, folder, signer=read_signing_key(secret.decode()))

    return damage


# Two runs mixed ----------------------------------------------------------------------------------


def runs() -> Iterator[Kind]:
    for name in WRITTEN:
        fault = "hash_differs" if name == SUMS else "attestation_is_bad"
        yield Kind(f"{name} is of another run", mixed((name,), again=name != SUMS), fault)
    renderings = tuple(set(WRITTEN) - {SUMS, RECORD, ATTESTATION})
    yield Kind("all renderings are of another run", mixed(renderings), "rendering_differs")
    yield Kind(
        "all but the record is of another run",
        mixed((*renderings, ATTESTATION)),
        "rendering_differs",
    )
    yield Kind(
        "all but the signature is of another run",
        mixed((*renderings, RECORD)),
        "attestation_is_bad",
    )


def mixed(names: tuple[str, ...], *, again: bool = True) -> Damage:
    """Put some files of another run in the place of this one's."""

    def damage(folder: Path) -> None:
        other = folder.parent / "other"
        secret, _ = make_keys()
        (only,) = ready().tenants
        bob = only.model_copy(update={"id": BOB, "name": "Bob", "lines": only.lines[::-1]})
        write_folder(run((bob,)), other, signer=read_signing_key(secret.decode()))
        for name in names:
            shutil.copy(other / name, folder / name)
        if again:
            sum_up(folder)

    return damage


# Clocks ------------------------------------------------------------------------------------------


def clocks() -> Iterator[Kind]:
    day = timedelta(days=1)
    late = datetime.now(UTC) + day
    times = "times_are_impossible"
    yield Kind(
        "it ended before it began",
        told_as(run(ready().tenants, finished_at=STARTED - day)),
        times,
        signed=False,
    )
    yield Kind(
        "it ended tomorrow", told_as(run(ready().tenants, finished_at=late)), times, signed=False
    )
    yield Kind(
        "it began and ended tomorrow",
        told_as(run(ready().tenants, started_at=late, finished_at=late)),
        times,
        signed=False,
    )


def told_as(evidence: Evidence) -> Damage:
    """Write other evidence there, which nobody signed."""

    def damage(folder: Path) -> None:
        (folder / ATTESTATION).unlink()
        write_folder(evidence, folder)

    return damage


# Conclusions: nobody signed them, and all is made again -------------------------------------------


def conclusions() -> Iterator[Kind]:
    (one,) = ready().tenants
    for name, fault, evidence in (
        (
            "READY over a check that failed",
            "criterion_does_not_follow",
            green(checks={"S1.4": failed("1", "2")}),
        ),
        (
            "READY over a check that was not run",
            "criterion_does_not_follow",
            green(checks={"S2.2": not_run("no time")}),
        ),
        (
            "READY over a criterion that failed",
            "verdict_does_not_follow",
            green(checks={"X4": failed("1", "0")}),
        ),
        (
            "READY over what nobody excused",
            "not_judged_without_lack",
            green(checks={"S1.4": not_judged("no time")}),
        ),
        ("READY over rows left behind", "criterion_does_not_follow", green(left_behind=(STRAY,))),
        (
            "READY over a run that ended early",
            "verdict_does_not_follow",
            ready().model_copy(update={"reason": "interrupted"}),
        ),
        (
            "READY of nobody",
            "verdict_does_not_follow",
            run(()).model_copy(update={"verdict": Verdict.READY}),
        ),
        (
            "READY of one who is not",
            "verdict_does_not_follow",
            with_one(one.model_copy(update={"verdict": Verdict.NOT_READY})),
        ),
        ("a tenant twice", "checks_differ", run((one, one))),
        (
            "a check less",
            "checks_differ",
            with_one(one.model_copy(update={"checks": one.checks[1:]})),
        ),
        (
            "a criterion less",
            "checks_differ",
            with_one(one.model_copy(update={"exit_criteria": one.exit_criteria[1:]})),
        ),
        (
            "a check of another name",
            "checks_differ",
            with_one(
                one.model_copy(
                    update={
                        "checks": (
                            one.checks[0].model_copy(update={"title": "fine"}),
                            *one.checks[1:],
                        )
                    }
                )
            ),
        ),
        ("own money that is nobody's", "money_differs", green(own=NOTHING)),
        ("an own total that is another", "money_differs", green(recovered_amount=None)),
        (
            "seeds that did not go",
            "seeds_remain",
            green(seeds=one.seeds.model_copy(update={"inserted": 1})),
        ),
        ("lines that do not add up", "money_differs", green(lines=one.lines[1:])),
        (
            "a platform without a name",
            "platform_is_not_named",
            ready().model_copy(
                update={"platform": ready().platform.model_copy(update={"name": ""})}
            ),
        ),
        (
            "lacks that nobody declares",
            "lacks_differ",
            ready().model_copy(
                update={"not_judged": (LackFacts(what=Lack.VOID, why="", checks=("S4.5",)),)}
            ),
        ),
    ):
        yield Kind(name, told_as(evidence), fault, signed=False)


def green(checks: Any = None, **facts: Any) -> Evidence:
    """Return evidence that says READY, whatever it rests on."""
    (fine,) = ready().tenants
    told = (
        tenant(ALICE, "Alice", checks, own=fine.own, seeded=NOTHING, seeds=fine.seeds)
        if checks
        else fine
    )
    return with_one(told.model_copy(update={"verdict": Verdict.READY, **facts}))


def with_one(one: Any) -> Evidence:
    return ready().model_copy(update={"tenants": (one,), "verdict": Verdict.READY})


KINDS = list(kinds())


def test_the_catalogue_is_long_and_names_each_kind_once() -> None:
    names = [kind.name for kind in KINDS]
    assert len(names) == len(set(names)) >= 60


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_damaged_evidence_is_refused_for_its_reason(
    kind: Kind, folder: Path, public: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kind.damage(folder)
    key = ("--public-key", public) if kind.signed else ()
    code, out, err = said(capsys, "verify", folder, *key)
    assert (code, out) == (1, "")
    assert f"[{kind.fault}]" in err
    code, _, err = said(capsys, "verify", folder, "--ready", *key)
    assert (code, err.count("\n")) == (1, 1)
    assert err.startswith(f"reports: {folder} cannot be trusted: ")


def test_what_is_not_damaged_is_accepted(
    folder: Path, public: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert said(capsys, "verify", folder, "--ready", "--public-key", public)[::2] == (0, "")


def test_a_clock_that_is_set_back_is_told(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Back(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return STARTED.astimezone(tz) - timedelta(days=1)

    monkeypatch.setattr("reports.verify.datetime", Back)
    code, _, err = said(capsys, "verify", folder, "--ready")
    assert (code, "[times_are_impossible]" in err) == (1, True)
