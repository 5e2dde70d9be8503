"""Invoices: draft, cancel, send, pay, void; each call is one transaction.

Fees are worked out a finding at a time, in integers, and rounded half away from zero to cents.
Calls for one account take turns by a lock on its row, numbers by a lock on their year's counter.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.timezone import now

from selftests.platforms.ledgerline.models import (
    ACTIVE,
    OUTSTANDING,
    Account,
    AuditEntry,
    Contract,
    Counter,
    Finding,
    Invoice,
    InvoiceItem,
    Message,
    Payment,
)
from selftests.platforms.ledgerline.refusals import Refused, Rule

RATE_UNITS = 10_000  # of a percent: what four decimals hold
WHOLE = 100 * RATE_UNITS


@transaction.atomic
def draft(account_id: int, month: date) -> Invoice:
    """Make a draft of the month; its findings are billed by it from now on."""
    account = locked_account(account_id)
    demand_active(account)
    demand_free(account_id, month)
    findings = billable_findings(account_id, month)
    if not findings:
        raise Refused(Rule.NOTHING_TO_BILL, f"{month:%Y-%m} has no finding to bill")
    rate = rate_of(account_id, month)
    if rate is None:
        raise Refused(Rule.NO_CONTRACT, f"no contract holds on {month}")
    invoice = store(account, month, rate, priced(findings, rate))
    note("draft", "invoice.drafted", invoice)
    return find(account_id, invoice.pk)


def find(account_id: int, invoice_id: int) -> Invoice:
    """Return an invoice of the account."""
    found = invoices_of(account_id).select_related("account").filter(pk=invoice_id).first()
    return demand_found(found, account_id, invoice_id)


@transaction.atomic
def cancel(account_id: int, invoice_id: int) -> None:
    """Make a draft void: it and its items stay on record, its findings can be billed again."""
    invoice = locked(account_id, invoice_id)
    demand_state(invoice, "draft")
    make_void(invoice)
    note("delete", "invoice.deleted", invoice)


@transaction.atomic
def send(account_id: int, invoice_id: int) -> Invoice:
    """Give a draft the next number and send it, unless it is stale."""
    invoice = locked(account_id, invoice_id)
    demand_state(invoice, "draft")
    demand_active(invoice.account)
    demand_fresh(invoice)
    invoice.number = next_number(invoice.month.year)
    invoice.state, invoice.sent_at = "sent", now()
    invoice.save(update_fields=["number", "state", "sent_at"])
    note("send", "invoice.sent", invoice)
    return find(account_id, invoice_id)


@transaction.atomic
def pay(account_id: int, invoice_id: int, amount_cents: int) -> Invoice:
    """Take the payment of an invoice that was sent: its total, neither more nor less."""
    invoice = locked(account_id, invoice_id)
    demand_state(invoice, *OUTSTANDING)
    demand_amount(invoice, amount_cents)
    invoice.state, invoice.settled_at = "paid", now()
    invoice.save(update_fields=["state", "settled_at"])
    Payment.objects.create(invoice=invoice, amount_cents=amount_cents, paid_at=invoice.settled_at)
    note("payment", "invoice.paid", invoice)
    return find(account_id, invoice_id)


@transaction.atomic
def void(account_id: int, invoice_id: int) -> Invoice:
    """Take an invoice back that was sent: its number stays used, its findings are free again."""
    invoice = locked(account_id, invoice_id)
    demand_state(invoice, *OUTSTANDING)
    make_void(invoice)
    note("void", "invoice.voided", invoice)
    return find(account_id, invoice_id)


# What a bill is made of.


def month_bounds(month: date) -> tuple[datetime, datetime]:
    """Return the first instant of a month, in UTC, and the first one after it."""
    start = datetime(month.year, month.month, 1, tzinfo=UTC)
    years, months = divmod(month.month, 12)
    return start, start.replace(year=month.year + years, month=months + 1)


def recovered(account_id: int) -> QuerySet[Finding]:
    """Select what was recovered for an account and is not deleted."""
    return Finding.objects.filter(account=account_id, state="recovered", deleted_at=None)


def within(findings: QuerySet[Finding], month: date) -> QuerySet[Finding]:
    """Select what happened in a month."""
    start, end = month_bounds(month)
    return findings.filter(happened_at__gte=start, happened_at__lt=end)


def unbilled(findings: QuerySet[Finding], but: Invoice | None = None) -> QuerySet[Finding]:
    """Select what no invoice bills, or only the one that is given; a void one bills nothing."""
    claims = InvoiceItem.objects.exclude(invoice__state="void").exclude(invoice=but)
    return findings.exclude(Exists(claims.filter(finding=OuterRef("pk"))))


def billable_findings(account_id: int, month: date, but: Invoice | None = None) -> list[Finding]:
    """Return what an invoice of the month bills, in the order in which it happened."""
    findings = unbilled(within(recovered(account_id), month), but)
    return list(findings.order_by("happened_at", "pk"))


def contract_on(account_id: int, day: date) -> Contract | None:
    """Return the contract that holds on a day."""
    begun = Contract.objects.filter(account=account_id, starts__lte=day)
    return begun.filter(Q(ends=None) | Q(ends__gt=day)).first()


def rate_of(account_id: int, month: date) -> Decimal | None:
    """Return the rate of a whole month, in percent: that of its first day, if there is one."""
    contract = contract_on(account_id, month)
    return contract.rate_percent if contract else None


def fee_cents(amount_cents: int, rate_percent: Decimal) -> int:
    """Return the share of an amount, rounded half away from zero to whole cents."""
    units = abs(amount_cents) * int(rate_percent * RATE_UNITS)
    fee = (2 * units + WHOLE) // (2 * WHOLE)
    return fee if amount_cents >= 0 else -fee


def priced(findings: Iterable[Finding], rate_percent: Decimal) -> list[InvoiceItem]:
    """Return an item for each finding, not stored yet."""
    return [
        InvoiceItem(
            finding=finding,
            recovered_cents=finding.amount_cents,
            fee_cents=fee_cents(finding.amount_cents, rate_percent),
        )
        for finding in findings
    ]


def total_cents(items: Iterable[InvoiceItem]) -> int:
    """Return the sum of the fees."""
    return sum(item.fee_cents for item in items)


def store(account: Account, month: date, rate: Decimal, items: list[InvoiceItem]) -> Invoice:
    """Store a draft with its items."""
    invoice = Invoice.objects.create(
        account=account,
        state="draft",
        month=month,
        rate_percent=rate,
        total_cents=total_cents(items),
        created_at=now(),
    )
    for item in items:
        item.invoice = invoice
    InvoiceItem.objects.bulk_create(items)
    return invoice


def next_number(year: int) -> str:
    """Take the year's next number, which is given for good once the transaction is."""
    Counter.objects.bulk_create([Counter(year=year, last=0)], ignore_conflicts=True)
    counter = Counter.objects.select_for_update().get(year=year)
    counter.last += 1
    counter.save(update_fields=["last"])
    return f"LL-{year}-{counter.last:06d}"


def make_void(invoice: Invoice) -> None:
    """Let an invoice bill nothing any more."""
    invoice.state, invoice.voided_at = "void", now()
    invoice.save(update_fields=["state", "voided_at"])


def note(call: str, topic: str, invoice: Invoice) -> None:
    """Write down that a call was done, and what other systems are to hear of it."""
    AuditEntry.objects.create(account=invoice.account, call=call, detail=f"invoice {invoice.pk}")
    news = {"invoice_id": invoice.pk, "account_id": invoice.account.pk, "state": invoice.state}
    Message.objects.create(topic=topic, payload=news)


# Who may, and when.


def invoices_of(account_id: int) -> QuerySet[Invoice]:
    """Select an account's invoices."""
    return Invoice.objects.filter(account=account_id)


def locked_account(account_id: int) -> Account:
    """Return an account, and let everybody else who wants to bill it wait."""
    account = Account.objects.select_for_update(no_key=True).filter(pk=account_id).first()
    if account is None:
        raise Refused(Rule.NOT_FOUND, f"there is no account {account_id}")
    return account


def locked(account_id: int, invoice_id: int) -> Invoice:
    """Return an account's invoice, which nobody else can change until the call is done."""
    account = locked_account(account_id)
    found = invoices_of(account_id).select_for_update().filter(pk=invoice_id).first()
    invoice = demand_found(found, account_id, invoice_id)
    invoice.account = account
    return invoice


def demand_found(invoice: Invoice | None, account_id: int, invoice_id: int) -> Invoice:
    """Refuse what is not there, or is another account's."""
    if invoice is None:
        raise Refused(Rule.NOT_FOUND, f"account {account_id} has no invoice {invoice_id}")
    return invoice


def demand_active(account: Account) -> None:
    """Refuse to bill an account that is frozen or closed."""
    if account.state not in ACTIVE:
        raise Refused(Rule.BAD_STATE, f"account {account.pk} is {account.state}")


def demand_free(account_id: int, month: date) -> None:
    """Refuse a month that has an invoice."""
    taken = invoices_of(account_id).filter(month=month).exclude(state="void").first()
    if taken is not None:
        raise Refused(Rule.MONTH_TAKEN, f"{month:%Y-%m} has invoice {taken.pk}, {taken.state}")


def demand_state(invoice: Invoice, *states: str) -> None:
    """Refuse an invoice that is in no such state."""
    if invoice.state not in states:
        wanted = " or ".join(states)
        raise Refused(Rule.BAD_STATE, f"invoice {invoice.pk} is {invoice.state}, not {wanted}")


def demand_fresh(invoice: Invoice) -> None:
    """Refuse a draft that is not what a draft of its month would be now."""
    account_id, month = invoice.account.pk, invoice.month
    due = priced(billable_findings(account_id, month, but=invoice), invoice.rate_percent)
    same_rate = rate_of(account_id, month) == invoice.rate_percent
    if not same_rate or facts(due) != facts(invoice.items.all()):
        raise Refused(Rule.BAD_STATE, f"invoice {invoice.pk} is stale: delete it and draft anew")


def facts(items: Iterable[InvoiceItem]) -> list[tuple[int, int, int]]:
    """Return what is billed for which finding."""
    return sorted((item.finding_id, item.recovered_cents, item.fee_cents) for item in items)


def demand_amount(invoice: Invoice, amount_cents: int) -> None:
    """Refuse a payment of anything but the total."""
    if amount_cents != invoice.total_cents:
        raise Refused(
            Rule.WRONG_AMOUNT, f"got {amount_cents} cents, the total is {invoice.total_cents}"
        )
