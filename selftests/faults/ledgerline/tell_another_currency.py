"""An invoice in US dollars is told in Canadian ones.

stands for: invopop/gobl/issues/187, currencies mixed up
checks: S2.2
says: answered: currency
explained: telling another currency
"""

from selftests.platforms.ledgerline import answers
from selftests.platforms.ledgerline.answers import InvoiceAnswer
from selftests.platforms.ledgerline.faulty import replace
from selftests.platforms.ledgerline.models import Invoice

right = answers.told


def told(invoice: Invoice) -> InvoiceAnswer:
    """Tell the house's own currency."""
    answer = right(invoice)
    answer.data.currency = "cad"
    return answer


def build_in() -> None:
    """Answer so."""
    replace(answers.told, told)
