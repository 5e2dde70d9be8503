"""Evidence outlives its gate: what another gate wrote is told from what was forged."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reports.attestation import read_public_key, read_signing_key
from reports.evidence import Evidence
from reports.files import ATTESTATION, RECORD, renderer_sha256, write_folder
from reports.findings import Fault
from reports.record import dump_record, load_record, spell
from reports.renderings import RENDERINGS
from reports.verify import verify_folder
from runbook import registry
from selftests.records import FIXED, RENDERER, ready
from selftests.verifying import faults, said, saying_otherwise, sum_up

pytest_plugins = ["selftests.verifying"]


@pytest.fixture
def restyled(monkeypatch: pytest.MonkeyPatch) -> None:
    """A gate after an upgrade: every rendering is a line longer."""

    def restyle(render: Callable[[Evidence], bytes]) -> Callable[[Evidence], bytes]:
        return lambda evidence: render(evidence) + b"\n"

    for name, render in list(RENDERINGS.items()):
        monkeypatch.setitem(RENDERINGS, name, restyle(render))


@pytest.mark.usefixtures("restyled")
def test_what_an_earlier_gate_wrote_holds_and_is_told(
    folder: Path, public: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    verified = verify_folder(folder, read_public_key(public))
    assert (verified.findings, verified.otherwise) == ((), tuple(RENDERINGS))
    code, out, err = said(capsys, "verify", folder, "--public-key", public, "--ready")
    assert (code, err) == (0, "")
    assert out.splitlines()[1] == (
        f"{', '.join(RENDERINGS)}: written by gate 0.1.0 "
        f"{ready().tool.commit}, and this one would write otherwise; what holds is evidence.json"
    )


@pytest.mark.usefixtures("restyled", "this_gate")
def test_what_this_gate_wrote_it_writes_again(folder: Path) -> None:
    assert Fault.RENDERING_DIFFERS in faults(folder)


@pytest.mark.parametrize("name", RENDERINGS)
def test_a_rendering_that_was_changed_is_found_by_its_hash_and_by_the_signature(
    folder: Path, name: str
) -> None:
    (folder / name).write_bytes(saying_otherwise((folder / name).read_bytes()))
    assert faults(folder) == {Fault.HASH_DIFFERS, Fault.ATTESTATION_IS_BAD}
    sum_up(folder)
    assert faults(folder) == {Fault.ATTESTATION_IS_BAD}
    (folder / "attestation.dsse.json").unlink()
    sum_up(folder)
    assert verify_folder(folder).otherwise == (name,)  # nobody vouches for it: told, at least


def test_what_decides_is_checked_whoever_wrote_it(tmp_path: Path) -> None:
    green = FIXED["not_ready"]().model_copy(update={"verdict": "READY"})
    with pytest.warns(UserWarning, match="Expected `enum`"):
        write_folder(green, tmp_path)
    assert Fault.VERDICT_DOES_NOT_FOLLOW in faults(tmp_path)


def test_checks_may_be_called_otherwise_and_not_be_others(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    step, *others = registry.STEPS
    check, *rest = step.checks
    renamed = _with(step, checks=(_with(check, title="in other words"), *rest))
    for steps, found in (((renamed, *others), set()), (others, {Fault.CHECKS_DIFFER})):
        monkeypatch.setattr("reports.verify.STEPS", tuple(steps))
        assert faults(folder) == found
    monkeypatch.setattr("reports.verify.STEPS", (renamed, *others))
    monkeypatch.setattr("reports.verify.renderer_sha256", lambda: RENDERER)
    assert Fault.CHECKS_DIFFER in faults(folder)


def _with(one: Any, **changes: Any) -> Any:
    return type(one)(**{**vars(one), **changes})


def test_a_field_that_its_gate_did_not_know_is_as_if_nothing_were_known() -> None:
    written = dump_record(FIXED["ready"]())
    fields = {name: field for name, field in Evidence.model_fields.items() if name != "schema_"}
    for name in [name for name, field in fields.items() if not field.is_required()]:
        document = json.loads(written)
        document.pop(name, None)  # some are written only where there is something to tell
        unknown = getattr(load_record(spell(document)), name)
        assert unknown == fields[name].get_default(call_default_factory=True)


def test_a_record_before_the_digest_of_its_renderer_holds(tmp_path: Path) -> None:
    write_folder(ready(), tmp_path)
    document = json.loads((tmp_path / RECORD).read_bytes())
    del document["tool"]["renderer_sha256"]
    (tmp_path / RECORD).write_bytes(spell(document))
    sum_up(tmp_path)
    assert faults(tmp_path) == set()
    (tmp_path / RECORD).write_text(json.dumps(document))
    sum_up(tmp_path)
    assert faults(tmp_path) == {Fault.RECORD_IS_BAD}


def test_a_forged_claim_of_another_gate_does_not_pass_the_signature(
    keys: Path, public: Path, tmp_path: Path
) -> None:
    signer = read_signing_key(str(keys / "p9a-private.pem"))
    write_folder(FIXED["not_ready"](), tmp_path / "signed", signer=signer)
    write_folder(ready(), tmp_path / "forged")
    shutil.copy(tmp_path / "signed" / "attestation.dsse.json", tmp_path / "forged")
    sum_up(tmp_path / "forged")
    assert faults(tmp_path / "forged", key=read_public_key(public)) == {Fault.ATTESTATION_IS_BAD}


def test_the_gate_says_by_what_it_renders() -> None:
    assert renderer_sha256() == renderer_sha256() != RENDERER


def test_evidence_from_before_the_sheet_holds_where_nothing_tells_of_one(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / ATTESTATION).unlink()
    (folder / "bill.csv").unlink()
    assert faults(folder) == {Fault.FILE_IS_MISSING, Fault.HASH_DIFFERS}
    sum_up(folder)
    assert faults(folder) == set()
    monkeypatch.setattr("reports.verify.renderer_sha256", lambda: RENDERER)
    assert faults(folder) == {Fault.RENDERING_DIFFERS}  # this gate writes one
