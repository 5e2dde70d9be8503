"""Two items are told with each other's findings.

stands for: the rule that an item names what it bills
checks: S2.2
says: recovered, not
explained: exchanging the events
"""

from selftests.platforms.ledgerline import answers
from selftests.platforms.ledgerline.answers import InvoiceAnswer
from selftests.platforms.ledgerline.faulty import replace
from selftests.platforms.ledgerline.models import Invoice

right = answers.told


def told(invoice: Invoice) -> InvoiceAnswer:
    """Swap the ends."""
    answer = right(invoice)
    first, last = answer.data.items[0], answer.data.items[-1]
    first.finding_id, last.finding_id = last.finding_id, first.finding_id
    return answer


def build_in() -> None:
    """Answer so."""
    replace(answers.told, told)
