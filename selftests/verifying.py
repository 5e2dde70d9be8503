"""Evidence of which tests ask whether it holds: folders, keys, and what is found wrong in them.

A test module that wants these fixtures names this one in its ``pytest_plugins``.
"""

import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from reports.__main__ import main
from reports.attestation import read_signing_key
from reports.evidence import Evidence
from reports.files import SUMS, held, sums, write_folder
from reports.verify import verify_folder
from selftests.gate import PROJECT
from selftests.records import RENDERER, ready


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a key pair."""
    folder = tmp_path_factory.mktemp("keys")
    assert main(["keygen", str(folder)]) == 0
    return folder


@pytest.fixture(scope="session")
def public(keys: Path) -> Path:
    return keys / "p9a-public.pem"


@pytest.fixture(scope="session")
def signed(keys: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of signed evidence; copy it before you touch it."""
    folder = tmp_path_factory.mktemp("signed")
    write_folder(ready(), folder, signer=read_signing_key(str(keys / "p9a-private.pem")))
    return folder


@pytest.fixture
def folder(signed: Path, tmp_path: Path) -> Path:
    """A folder of signed evidence to touch."""
    return Path(shutil.copytree(signed, tmp_path / "evidence"))


def faults(folder: Path, **how: Any) -> set[str]:
    return {finding.fault.value for finding in verify_folder(folder, **how).findings}


def sum_up(folder: Path) -> None:
    """Make the hashes right again, as who forges evidence would."""
    files = {name: path.read_bytes() for name, path in held(folder) if name != SUMS}
    (folder / SUMS).write_bytes(sums(files))


def saying_otherwise(content: bytes) -> bytes:
    """A rendering that tells another verdict, or another fee."""
    other = content.replace(b"READY", b"GREEN").replace(b"300.13", b"300.14")
    assert other != content
    return other


def forged(evidence: Evidence, folder: Path) -> set[str]:
    write_folder(evidence, folder)
    return faults(folder)


def said(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    try:
        code = main([str(argument) for argument in arguments])
    except SystemExit as ended:
        code = int(ended.code or 0)
    out, err = capsys.readouterr()
    return code, out, err


@pytest.fixture
def this_gate(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the gate take the records of the tests for its own."""
    monkeypatch.setattr("reports.verify.renderer_sha256", lambda: RENDERER)


def page_lines(after: str) -> str:
    """The indented lines that follow a sentence of the page on the evidence."""
    _, found, rest = (PROJECT / "docs" / "evidence.md").read_text().partition(after)
    assert found, after
    block = re.match(r"\n\n((?:    .*\n)+)", rest)
    assert block is not None
    return re.sub(r"^    ", "", block[1], flags=re.MULTILINE)
