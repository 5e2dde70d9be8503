"""Holds a secret at a path, for those who read files and must not show it."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

# Environment variables may hold any bytes.
TEXT: Any = {"encoding": "utf-8", "errors": "surrogateescape"}


@contextmanager
def kept(text: str) -> Iterator[Path]:
    """Hold a text at a path that only this user's programs can read, and that ends with the block.

    On Linux it is in memory, and ends with this process however that ends.
    """
    with ExitStack() as ending:
        path = _in_memory(ending)
        if path is None:
            path = Path(ending.enter_context(NamedTemporaryFile(prefix="p9a-secret-")).name)
        path.write_text(text, **TEXT)
        yield path


def _in_memory(ending: ExitStack) -> Path | None:
    try:
        descriptor = os.memfd_create("p9a-secret")
    except (AttributeError, OSError):
        return None
    ending.callback(os.close, descriptor)
    os.fchmod(descriptor, 0o600)  # libpq reads no other
    path = Path(f"/proc/{os.getpid()}/fd/{descriptor}")
    return path if path.exists() else None
