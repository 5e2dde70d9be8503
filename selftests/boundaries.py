"""Runs of the gate that are ended, or held, at a boundary of what they write.

The boundaries are before and after each commit and each call of the platform; the plugin
``selftests.plugins.boundaries`` counts them inside the run.
"""

import os
import signal
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

from selftests.gate import Outcome, RunGate
from selftests.staging import Staging


@dataclass(frozen=True)
class Bench:
    """A staging database, the gate on it, and a folder of the test's own.

    ``arguments`` go to every run.
    """

    staging: Staging
    gate: RunGate
    folder: Path
    arguments: tuple[str, ...] = ("--lifecycle",)

    def boundaries(self) -> list[str]:
        """Name every boundary of an undisturbed run."""
        outcome = self._run(self.staging.tenant())
        assert outcome.code == 0, outcome.out
        return self.passed()

    def passed(self) -> list[str]:
        """Name every boundary that the newest run has passed."""
        return self._log.read_text().splitlines()

    def end(self, tenant_id: UUID, boundary: int | str, how: signal.Signals) -> Outcome:
        """End a run on the tenant at the boundary of that number, counted from 1, or name."""
        return self._run(tenant_id, str(boundary), how.name)

    @contextmanager
    def held(self, tenant_id: UUID, boundary: str, *arguments: str) -> Iterator[Future[Outcome]]:
        """Hold a run at the first boundary of that name while the block is worked through."""
        pipe = self.folder / f"pipe-{uuid4()}"
        os.mkfifo(pipe)
        with ThreadPoolExecutor() as pool:
            run = pool.submit(self._run, tenant_id, boundary, str(pipe), *arguments)
            # A run that ends without getting there must not be waited for.
            run.add_done_callback(lambda _: os.close(os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)))
            with pipe.open("w"):
                assert not run.done(), run.result().out
                yield run

    def pids(self) -> list[int]:
        """The process that is held, and the one that started it."""
        return [int(pid) for pid in self._log.with_suffix(".pids").read_text().split()]

    @property
    def _log(self) -> Path:
        return self.folder / "boundaries"

    def _run(
        self, tenant_id: UUID, boundary: str = "", act: str = "SIGKILL", *arguments: str
    ) -> Outcome:
        self._log.write_text("")
        given = {
            "P9A_TEST_BOUNDARIES": str(self._log),
            "P9A_TEST_BOUNDARY": boundary,
            "P9A_TEST_ACT": act,
        }
        plugin = ("-p", "selftests.plugins.boundaries")
        return self.gate(tenant_id, *plugin, *self.arguments, *arguments, also=given)
