"""Readers that only npm has take the evidence: xunit-viewer its JUnit, Sigstore its attestation.

They are installed once, into the checkout; where there is no npm, or nothing to install from, the
tests are skipped and say so.
"""

import fcntl
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from reports.attestation import read_signing_key
from reports.command_line import main
from reports.files import write_folder
from selftests.gate import PROJECT
from selftests.records import FIXED, ready

NODE = PROJECT / "selftests" / "node"


@pytest.fixture(scope="session")
def readers() -> Path:
    """The folder of the installed packages."""
    if shutil.which("npm") is None:
        pytest.skip("needs npm, which is not installed")
    with (NODE / "package.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # the other worker waits for the one that installs
        if not (NODE / "node_modules" / ".package-lock.json").exists():
            done = run("npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--silent")
            if done.returncode != 0:
                pytest.skip(f"needs what npm could not install: {done.stderr[-200:]}")
    return NODE / "node_modules"


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=NODE, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", FIXED)
def test_xunit_viewer_shows_every_check(readers: Path, tmp_path: Path, name: str) -> None:
    evidence = FIXED[name]()
    write_folder(evidence, tmp_path)
    page = tmp_path / "viewer.html"
    viewer = readers / ".bin" / "xunit-viewer"
    done = run(viewer, "--results", tmp_path / "junit.xml", "--console", "--output", page)
    assert page.exists(), done.stderr
    for tenant in evidence.tenants:
        for result in tenant.results:
            assert done.stdout.count(f" {result.id} {result.title} [{tenant.id}]") == 1


@pytest.fixture
def signed(tmp_path: Path) -> Path:
    """A folder of signed evidence, and the keys in it."""
    assert main(["keygen", str(tmp_path / "keys")]) == 0
    signer = read_signing_key(str(tmp_path / "keys" / "p9a-private.pem"))
    write_folder(ready(), tmp_path, signer=signer)
    return tmp_path


def verified(folder: Path, attestation: str) -> bool:
    public = folder / "keys" / "p9a-public.pem"
    return run("node", "verify.js", folder / attestation, public).returncode == 0


def test_sigstore_takes_the_signature_and_no_other(readers: Path, signed: Path) -> None:
    assert verified(signed, "attestation.dsse.json")
    envelope = json.loads((signed / "attestation.dsse.json").read_text())
    envelope["payload"] = envelope["payload"].replace("A", "B", 1)
    (signed / "forged.json").write_text(json.dumps(envelope))
    assert not verified(signed, "forged.json")
