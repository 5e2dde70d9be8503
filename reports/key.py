"""The key that evidence is signed with: where it is given, and how it differs from its path."""

# The environment variable that holds the key, or its path.
SIGNING_KEY = "P9A_SIGNING_KEY"
PEM = "-----BEGIN"
EMPTY = f"{SIGNING_KEY} is set, but empty: a secret that is missing? Set it, or unset it"


def is_empty(given: str | None) -> bool:
    """Tell whether a key was to be given, and none is there."""
    return given is not None and not given.strip()
