"""The shell of the CI recipes, run as their hosts would, with a gate that judges nobody.

In the place of ``pytest -m p9a`` stands a script that notes how it was asked, and puts a record
that was made before where the evidence is to be.
"""

import shlex
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from fixtures.shards import Shard, read_shard
from selftests.gate import PROJECT, environment

# How a recipe calls what it has set up.
CALLED = (".venv/bin/tox", ".tox/p9a/bin/python", "bin/python")
GATE = """
printf '%s\\n' "$@" > asked
for word; do
    place="${word#--evidence-dir=}"
    if [ "$place" != "$word" ]; then rm -rf "$place"; cp -r prepared "$place"; fi
done
"""


def prepare(folder: Path) -> None:
    """Make a checkout in which tox and Python are there."""
    (folder / "gate").write_text(GATE)
    gate = 'exec sh ./gate "$@"'
    tox = f'while [ "$1" != -- ]; do shift; done; shift; {gate}'
    other = f'case "$2" in pytest) {gate};; esac; exec {shlex.quote(sys.executable)} "$@"'
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


def asked_for(folder: Path, env: Mapping[str, str]) -> Shard:
    """Return the shard that the gate was last asked for, as it would have read it."""
    words = (folder / "asked").read_text().splitlines()
    told = dict(word.split("=", 1) for word in words if word.startswith("--"))
    tenant = told.get("--tenant", env.get("P9A_TENANT"))
    assert int(told["--max-load"]) > 0
    return read_shard(told.get("--shard"), env, of_all=tenant == "all")
