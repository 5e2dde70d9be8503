"""The shell of the CI recipes, run as their hosts would, with a gate that judges nobody.

``python -m selftests.recipes`` takes the place of ``pytest -m p9a``: it reads the options and the
environment of a run as the gate does, and writes the record of ready tenants where it was told to.
"""

import argparse
import os
import shlex
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from selftests.gate import PROJECT, environment

# How a recipe calls what it has set up.
CALLED = (".venv/bin/tox", ".tox/p9a/bin/python", "bin/python")


def prepare(folder: Path) -> None:
    """Make a checkout in which tox and Python are there."""
    python = shlex.quote(sys.executable)
    gate = f"exec {python} -m selftests.recipes"
    tox = f'while [ "$1" != -- ]; do shift; done; shift; {gate} "$@"'
    other = f'case "$2" in pytest) shift 2; {gate} "$@";; esac; exec {python} "$@"'
    for name in CALLED:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\n{tox if name.endswith('tox') else other}\n")
        path.chmod(0o755)


def run_shell(
    script: str, folder: Path, env: Mapping[str, str]
) -> "subprocess.CompletedProcess[str]":
    """Run a script of a recipe in a prepared folder."""
    given = environment(env) | {"PYTHONPATH": str(PROJECT)}
    given["PATH"] = f"{folder / 'bin'}:{given['PATH']}"
    return subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", script],  # noqa: S607 - the host's
        cwd=folder,
        env=given,
        capture_output=True,
        text=True,
        check=False,
    )


def main() -> None:
    """Write the record of a shard, signed if there is a key."""
    from fixtures.shards import read_shard  # noqa: PLC0415 - only where it plays the gate
    from reports.attestation import read_signing_key  # noqa: PLC0415 - likewise
    from reports.files import write_folder  # noqa: PLC0415 - likewise
    from selftests.test_merge import part  # noqa: PLC0415 - likewise

    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--evidence-dir", type=Path, required=True)
    parser.add_argument("--shard")
    parser.add_argument("--tenant", default=os.environ.get("P9A_TENANT"))
    parser.add_argument("--max-load", type=int, required=True)
    parser.add_argument("-n", type=int)
    parser.add_argument("-p")
    parser.add_argument("-m")
    given = parser.parse_args()
    shard = read_shard(given.shard, os.environ, of_all=given.tenant == "all")
    signer = read_signing_key(os.environ["P9A_SIGNING_KEY"])
    now = datetime.now(UTC)
    evidence = part(shard.number, shard.of, started_at=now, finished_at=now)
    write_folder(evidence, given.evidence_dir, signer=signer)


if __name__ == "__main__":
    main()
