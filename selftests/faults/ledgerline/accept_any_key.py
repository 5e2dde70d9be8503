"""Whatever key a caller sends, it is let in.

stands for: a server behind a proxy that adds the key itself
checks: S4.4
says: with a wrong token
tenant: empty
"""

from selftests.platforms.ledgerline import api
from selftests.platforms.ledgerline.faulty import replace


def is_ours(key: str) -> bool:
    """Be content with any."""
    return bool(key)


def build_in() -> None:
    """Let everybody in."""
    replace(api.is_ours, is_ours)
