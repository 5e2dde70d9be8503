"""How numbers are put into words."""


def counted(number: int, noun: str) -> str:
    """Write a number with its noun: ``1 event``, ``3 events``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
