"""How many changes to what decides the self-tests notice: ``tox -e mutants``, see docs/mutants.md.

Mutmut makes the changes and runs the tests, as pyproject.toml tells it. Here its time is bounded,
and its figures told, also of a run that was interrupted.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Collection, Sequence
from contextlib import suppress
from pathlib import Path

MUTMUT = Path(sys.executable).with_name("mutmut")
WANTED = 0.95
KILLED = ("killed", "timeout")  # tests that do not end notice as well
UNTRIED = ("not checked", "check was interrupted by user")
STOPPED: list[bool] = []  # has something in it once somebody has interrupted
ENDINGS = (signal.SIGINT, signal.SIGTERM)
PATIENCE = 20  # seconds that mutmut may take to end


def main() -> int:
    """Try mutants, and return 1 where too many survive, none was tried, or it was interrupted."""
    parser = argparse.ArgumentParser(description="Tries the self-tests on changed code.")
    parser.add_argument("--minutes", type=float, default=30, help="end after so many (default: 30)")
    parser.add_argument("names", nargs="*", help="only these: 'oracle.*', or '*7' for a tenth")
    given = parser.parse_args()
    ends = time.monotonic() + given.minutes * 60
    shutil.rmtree("mutants", ignore_errors=True)
    for ending in ENDINGS:
        signal.signal(ending, lambda *_: STOPPED.append(True))
    ended = try_mutants(given.names, ends)
    late = [name for name, status in statuses().items() if status == "timeout"]
    if ended and late:  # one at a time: perhaps they only had to wait for each other
        try_mutants(["--max-children=1", *late], ends)
    too_few = tell(statuses())
    return int(too_few or bool(STOPPED))


def try_mutants(arguments: Sequence[str], ends: float) -> bool:
    """Have mutmut try them until the time is up, and return whether it came to an end."""
    with subprocess.Popen([MUTMUT, "run", *arguments], start_new_session=True) as running:
        while running.poll() is None and not STOPPED and time.monotonic() < ends:
            with suppress(subprocess.TimeoutExpired):
                running.wait(0.1)
        if running.poll() is None:
            why = "interrupted" if STOPPED else "the time is up"
            print(f"{why}: this is what was tried by then")
            end(running)
            return False
        return running.returncode == 0


def end(running: subprocess.Popen[bytes]) -> None:
    """End mutmut, and whatever it has started."""
    running.send_signal(signal.SIGINT)
    try:
        running.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        os.killpg(running.pid, signal.SIGKILL)


def statuses() -> dict[str, str]:
    """Return what came of each mutant."""
    told = subprocess.check_output([MUTMUT, "results", "--all", "true"], text=True)
    pairs = (line.strip().rsplit(": ", 1) for line in told.splitlines() if ": " in line)
    return dict(pairs)


def tell(found: dict[str, str]) -> bool:
    """Print who survived, and the table of docs/mutants.md; return whether too few were killed."""
    tried = {name: status for name, status in found.items() if status not in UNTRIED}
    for name, status in sorted(tried.items()):
        if status != "killed":
            print(f"{name}: {status}")
    killed = [name for name, status in tried.items() if status in KILLED]
    there_are, were_tried, were_killed = map(_by_module, (found, tried, killed))
    print("\n| module | mutants | tried | killed |\n|---|---|---|---|")
    for module, number in sorted(there_are.items()):
        print(f"| `{module}` | {number} | {were_tried[module]} | {were_killed[module]} |")
    share = len(killed) / len(tried) if tried else 0
    print(f"| together | {len(found)} | {len(tried)} | {len(killed)}, {share * 100:.1f} % |")
    return share < WANTED


def _by_module(names: Collection[str]) -> Counter[str]:
    return Counter(f"{name.rpartition('.')[0].replace('.', '/')}.py" for name in names)


if __name__ == "__main__":
    sys.exit(main())
