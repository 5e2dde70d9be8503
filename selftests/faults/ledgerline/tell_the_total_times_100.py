"""The total is told in cents of cents.

stands for: Nine-Minds/alga-psa/issues/724, amounts times 100
checks: S2.2
says: answered: gain share
explained: telling the total in minor units
"""

from selftests.platforms.ledgerline import answers
from selftests.platforms.ledgerline.answers import InvoiceAnswer
from selftests.platforms.ledgerline.faulty import replace
from selftests.platforms.ledgerline.models import Invoice

right = answers.told


def told(invoice: Invoice) -> InvoiceAnswer:
    """Take cents for dollars."""
    answer = right(invoice)
    answer.data.total_cents *= 100
    return answer


def build_in() -> None:
    """Answer so."""
    replace(answers.told, told)
