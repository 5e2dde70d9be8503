"""Writes ``pylock.toml`` anew: what ``tox -e p9a`` installs, by name, version and hashes.

``tox -e lock`` runs it; uv finds the versions out, for every platform and Python that the gate runs
on. Where files come from is left out: that is for whoever installs them to say.
"""

import json
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).parents[1]
LOCK = PROJECT / "pylock.toml"
ABOUT = PROJECT / "pyproject.toml"
GROUP = "gate"


def groups_sha256() -> str:
    """Return the digest of what the lock was made of: the groups that the gate needs."""
    told = tomllib.loads(ABOUT.read_text(encoding="utf-8"))
    groups = {name: told["dependency-groups"][name] for name in ("platform", GROUP)}
    made_of = [told["project"]["requires-python"], groups]
    return sha256(json.dumps(made_of, sort_keys=True).encode()).hexdigest()


def resolved() -> dict[str, Any]:
    """Ask uv for the packages of the gate."""
    command = [sys.executable, "-m", "uv", "pip", "compile", f"--group={GROUP}", "--universal"]
    options = ["--python-version=3.11", "--format=pylock.toml", "--quiet", "--no-header"]
    done = subprocess.run(
        [*command, *options], cwd=PROJECT, stdout=subprocess.PIPE, text=True, check=True
    )
    return tomllib.loads(done.stdout)


def written(lock: dict[str, Any]) -> Iterator[str]:
    """Yield the lines of the lock."""
    yield 'lock-version = "1.0"'
    yield 'created-by = "p9a-acceptance"'
    yield f"requires-python = {json.dumps(lock['requires-python'])}"
    for package in lock["packages"]:
        yield ""
        yield "[[packages]]"
        for name in ("name", "version", "marker"):
            if name in package:
                yield f"{name} = {json.dumps(package[name])}"
        if "sdist" in package:
            yield f"sdist = {_file(package['sdist'])}"
        yield "wheels = ["
        yield from (f"    {_file(wheel)}," for wheel in package.get("wheels", ()))
        yield "]"
    yield ""
    yield "[tool.p9a]"
    yield f'groups_sha256 = "{groups_sha256()}"'


def _file(told: dict[str, Any]) -> str:
    name = told["url"].rpartition("/")[2]
    return f'{{ name = {json.dumps(name)}, hashes = {{ sha256 = "{told["hashes"]["sha256"]}" }} }}'


if __name__ == "__main__":
    LOCK.write_text("\n".join(written(resolved())) + "\n", encoding="utf-8")
