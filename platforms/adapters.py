"""Which descriptions there are, and the adapter that a run speaks through."""

import importlib.util
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from psycopg import Connection

from platforms.description import ADAPTER, PLATFORMS, BadDescription, Described, read
from platforms.port import AdminApi, Platform

REFERENCE = PLATFORMS / "reference"


def known() -> list[str]:
    """Return the names of the descriptions that come with the project."""
    return sorted(path.parent.name for path in PLATFORMS.glob("*/platform.toml"))


def folder_of(name: str, beside: Path) -> Path:
    """Return the folder of a description: of one that comes along by its name, others by path."""
    return PLATFORMS / name if name in known() else beside / name


def called(described: Described) -> str:
    """Return how a description is named in a command: by its name or its path."""
    folder = described.folder.resolve()
    return folder.name if folder.parent == PLATFORMS else str(described.folder)


@cache
def reference() -> Described:
    """Read the reference platform's description; while a program runs it is the same."""
    return read(REFERENCE)


def is_reference(connection: Connection[Any]) -> bool:
    """Tell whether a database is the reference platform's."""
    recognised: bool = module_of(reference()).recognises(connection)
    return recognised


def tables_beside_reference() -> tuple[str, ...]:
    """Return the names of the reference platform's tables that its description does not read."""
    beside: tuple[str, ...] = module_of(reference()).BESIDE
    return beside


def prepare_reference(connection: Connection[Any]) -> None:
    """Bring an empty database of the gate's own to the reference platform's schema."""
    module_of(reference()).prepare(connection)


def module_of(described: Described) -> ModuleType:
    """Load ``adapter.py`` of a description. Raises :class:`BadDescription` where it cannot be."""
    folder = described.folder.resolve()
    own = folder.parent == PLATFORMS
    name = f"platforms.{folder.name}.adapter" if own else f"p9a_adapter_{described.sha256[:12]}"
    if name in sys.modules:
        return sys.modules[name]
    path = folder / ADAPTER
    spec = importlib.util.spec_from_file_location(name, path)
    if not path.exists() or spec is None or spec.loader is None:
        raise BadDescription(described.folder, (), f"there is no {ADAPTER} beside it")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name]
        raise BadDescription(
            described.folder, (), f"{ADAPTER} cannot be loaded: {type(error).__name__}: {error}"
        ) from error
    return module


def _class(described: Described, name: str, path: tuple[str, ...]) -> Any:
    found = getattr(module_of(described), name, None)
    if found is None:
        raise BadDescription(described.folder, path, f"{ADAPTER} has no class {name}")
    return found


def adapter(
    described: Described,
    connection: Connection[Any],
    api: AdminApi | None,
    environment: Mapping[str, str],
) -> Platform:
    """Return the platform as its description says that it is reached.

    Over HTTP where the run was told an API; else by its command, or in process on ``connection``.
    """
    description = described.description
    if api is not None and description.api is not None:
        from platforms.http import HttpAdapter  # noqa: PLC0415 - only a run over HTTP loads it

        own = description.api.adapter
        kind = _class(described, own, ("api", "adapter")) if own else HttpAdapter
        over_http: Platform = kind(described, api)
        return over_http
    if description.command is not None:
        from platforms.command import CommandAdapter  # noqa: PLC0415 - likewise

        own = description.command.adapter
        kind = _class(described, own, ("command", "adapter")) if own else CommandAdapter
        command: Platform = kind(described, environment)
        return command
    if description.in_process is not None:
        name = description.in_process.adapter
        own_class = _class(described, name, ("in_process", "adapter"))
        inside: Platform = own_class(described, connection)
        return inside
    raise BadDescription(
        described.folder, ("api",), "it is reached over HTTP, and no API was named"
    )
