"""How the platform says no. Every reason has a name; the list of them is the runbook's."""

from runbook.refusals import Rule


class Refused(Exception):
    """The platform refused a call; nothing was written.

    ``rule`` names why; the message says it in words, with the values that broke the rule.
    """

    def __init__(self, rule: Rule, message: str) -> None:
        super().__init__(f"{rule}: {message}")
        self.rule = rule
        self.message = message
