"""The total is told a cent higher than it is stored.

stands for: an answer that is worked out anew
checks: S2.2
says: answered: gain share
explained: adding a minor unit to the total alone
"""

from selftests.platforms.ledgerline import answers
from selftests.platforms.ledgerline.answers import InvoiceAnswer
from selftests.platforms.ledgerline.faulty import replace
from selftests.platforms.ledgerline.models import Invoice

right = answers.told


def told(invoice: Invoice) -> InvoiceAnswer:
    """Add a cent."""
    answer = right(invoice)
    answer.data.total_cents += 1
    return answer


def build_in() -> None:
    """Answer so."""
    replace(answers.told, told)
