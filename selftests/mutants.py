"""How many changes to what decides the self-tests notice: ``tox -e mutants``, see docs/mutants.md.

Mutmut makes the changes and runs the tests, as pyproject.toml tells it. Here its time is bounded,
and its figure told.
"""

import argparse
import shutil
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

MUTMUT = Path(sys.executable).with_name("mutmut")
WANTED = 0.95
KILLED = ("killed", "timeout")  # tests that do not end notice as well
UNTRIED = "not checked"


def main() -> int:
    """Try mutants, and return 1 where too many survive, or none was tried."""
    parser = argparse.ArgumentParser(description="Tries the self-tests on changed code.")
    parser.add_argument("--minutes", type=float, default=30, help="end after so many (default: 30)")
    parser.add_argument("names", nargs="*", help="only these: 'oracle.*', or '*7' for a tenth")
    given = parser.parse_args()
    shutil.rmtree("mutants", ignore_errors=True)
    try_mutants(given.names, given.minutes)
    return tell(statuses())


def try_mutants(names: list[str], minutes: float) -> None:
    """Have mutmut try them, until the time is up."""
    with subprocess.Popen([MUTMUT, "run", *names]) as running:
        try:
            running.wait(minutes * 60)
        except subprocess.TimeoutExpired:
            running.send_signal(signal.SIGINT)


def statuses() -> dict[str, str]:
    """Return what came of each mutant."""
    told = subprocess.check_output([MUTMUT, "results", "--all", "true"], text=True)
    pairs = (line.strip().rsplit(": ", 1) for line in told.splitlines() if ": " in line)
    return dict(pairs)


def tell(found: dict[str, str]) -> int:
    """Print who survived, and how many were killed in each module and in all."""
    tried = {name: status for name, status in found.items() if status != UNTRIED}
    survivors = {name: status for name, status in tried.items() if status not in KILLED}
    for name, status in sorted(survivors.items()):
        print(f"{name}: {status}")
    all_of, left_of = (Counter(name.rpartition(".")[0] for name in of) for of in (tried, survivors))
    for module, number in sorted(all_of.items()):
        print(f"{module}: {number - left_of[module]} of {number} killed")
    killed = len(tried) - len(survivors)
    share = killed / len(tried) if tried else 0
    print(f"{killed} of {len(tried)} mutants killed, {share:.1%}; {len(found)} there are")
    return int(share < WANTED)


if __name__ == "__main__":
    sys.exit(main())
