"""Prints ``pylock.toml`` as requirements for pip: each package at its version, by its hashes.

    python scripts/locked.py > locked.txt
    pip download --require-hashes --no-deps --dest=wheels --requirement=locked.txt
    PIP_NO_INDEX=1 PIP_FIND_LINKS=$PWD/wheels tox -e p9a --notest

It needs nothing but Python's own library: it runs before anything is installed.
"""

import sys
import tomllib
from pathlib import Path

LOCK = Path(__file__).parents[1] / "pylock.toml"


def main() -> None:
    """Print a line for each package, with its marker and the hash of every file it may come in."""
    for package in tomllib.loads(LOCK.read_text(encoding="utf-8"))["packages"]:
        files = [*package.get("wheels", ()), *filter(None, [package.get("sdist")])]
        hashes = "".join(f" --hash=sha256:{file['hashes']['sha256']}" for file in files)
        marker = f" ; {package['marker']}" if "marker" in package else ""
        sys.stdout.write(f"{package['name']}=={package['version']}{marker}{hashes}\n")


if __name__ == "__main__":
    main()
