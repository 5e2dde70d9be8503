"""A folder of evidence is written whole, or shows that it is not."""

import subprocess
from pathlib import Path

import pytest

from reports.files import ATTESTATION, RECORD, SUMS, WRITTEN, clear_folder, write_folder
from reports.findings import Fault
from reports.record import BadRecord
from reports.renderings import RENDERINGS
from reports.verify import verify_folder
from selftests.gate import FEBRUARY, run_gate
from selftests.records import (
    FIXED,
    not_ready,
    ready,
)
from selftests.verifying import faults

pytest_plugins = ["selftests.verifying"]
pytestmark = pytest.mark.usefixtures("this_gate")


@pytest.mark.parametrize("name", FIXED)
def test_what_the_gate_writes_holds(name: str, tmp_path: Path) -> None:
    write_folder(FIXED[name](), tmp_path)
    assert verify_folder(tmp_path).findings == ()


def test_every_file_that_is_written_is_known(signed: Path) -> None:
    assert set(WRITTEN) == {RECORD, SUMS, ATTESTATION, *RENDERINGS}
    assert {path.name for path in signed.iterdir()} == set(WRITTEN)


def test_sha256sum_checks_the_sums(signed: Path) -> None:
    done = subprocess.run(
        ["sha256sum", "--strict", "-c", SUMS],  # noqa: S607 - whichever the reader has
        cwd=signed,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.count(": OK") == len(WRITTEN) - 1


def test_a_folder_that_is_not_written_to_the_end_is_never_whole(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = len(RENDERINGS) + 2
    for lasting in range(files):
        with monkeypatch.context() as patched:
            _break_after(patched, lasting)
            with pytest.raises(OSError, match="no space"):
                write_folder(not_ready(), folder)
        assert [path.name for path in folder.iterdir()] == []
        assert Fault.FILE_IS_MISSING in faults(folder)
    write_folder(not_ready(), folder)
    assert faults(folder) == set()


def _break_after(patched: pytest.MonkeyPatch, lasting: int) -> None:
    left = iter([True] * lasting)
    replace = Path.replace

    def break_down(self: Path, target: Path) -> Path:
        if not next(left, False):
            raise OSError("no space")
        return replace(self, target)

    patched.setattr(Path, "replace", break_down)


def test_a_record_that_does_not_fit_the_schema_is_not_written(tmp_path: Path) -> None:
    wrong = ready().model_copy(update={"verdict": "MAYBE"})
    with (
        pytest.warns(UserWarning, match="Expected `enum`"),
        pytest.raises(BadRecord, match="at verdict"),
    ):
        write_folder(wrong, tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_nothing_of_an_earlier_run_stays(folder: Path) -> None:
    (folder / ".evidence.json.new").touch()
    (folder / "notes.txt").touch()
    clear_folder(folder)
    assert [path.name for path in folder.iterdir()] == ["notes.txt"]


def test_a_run_that_dies_leaves_nothing_of_the_run_before(folder: Path) -> None:
    outcome = run_gate(folder, *FEBRUARY, "-p", "selftests.plugins.die")
    assert outcome.code != 0
    assert outcome.evidence is None
    assert list(folder.iterdir()) == []


def test_listing_the_checks_leaves_evidence_alone(folder: Path) -> None:
    assert run_gate(folder, "--collect-only").code == 0
    assert faults(folder) == set()


def test_a_junit_file_among_the_evidence_is_a_wrong_call(tmp_path: Path) -> None:
    outcome = run_gate(tmp_path, f"--junit-xml={tmp_path}/junit.xml")
    assert outcome.code == 4
    assert "which gets a junit.xml of its own" in outcome.err
    assert list(tmp_path.iterdir()) == []
