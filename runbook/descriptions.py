"""What a description of a platform consists of, and what identifies it."""

import hashlib
from pathlib import Path

FILES = ("platform.toml", "relations.sql", "adapter.py")


def digest(folder: Path) -> str:
    """Return the SHA-256 of the description's files, which the evidence names."""
    sha256 = hashlib.sha256()
    for name in FILES:
        path = folder / name
        content = path.read_bytes() if path.exists() else b""
        sha256.update(f"{name} {len(content)}\n".encode() + content)
    return sha256.hexdigest()
