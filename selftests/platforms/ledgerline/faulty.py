"""How a fault takes the place of what is right; loaded where there is a fault, and nowhere else."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from threading import Barrier, BrokenBarrierError
from typing import Any

import aiosql
from django.db import connection

SECONDS_TO_MEET = 0.5  # longer than two calls at the same moment need, shorter than patience
faulty = aiosql.from_path(Path(__file__).parent / "faulty.sql", "psycopg")


def replace(right: Callable[..., Any], wrong: Callable[..., Any]) -> None:
    """Have everybody call ``wrong`` who would call a function of the platform."""
    module = import_module(right.__module__)
    assert getattr(module, right.__name__) is right
    setattr(module, right.__name__, wrong)


def allow(statement: Callable[[Any], object]) -> None:
    """Have the database let a fault happen, by one of ``faulty``'s statements."""
    connection.ensure_connection()
    statement(connection.connection)
    connection.close()


class Meeting:
    """Lets two calls that are made at the same moment come here together; one alone goes on."""

    def __init__(self) -> None:
        self._barrier = Barrier(2)

    def wait(self) -> None:
        """Wait for the other one, a while."""
        try:
            self._barrier.wait(SECONDS_TO_MEET)
        except BrokenBarrierError:
            self._barrier.reset()
