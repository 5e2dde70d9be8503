"""The tables of the schema ``ledger``. Amounts are in cents, rates in percent."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import CheckConstraint, F, Func, Q, UniqueConstraint
from django.db.models.functions import Now

ACTIVE = ("live", "trial")
ACCOUNT_STATES = (*ACTIVE, "frozen", "closed")
FINDING_STATES = ("recovered", "identified", "rejected")
OUTSTANDING = ("sent", "overdue")
INVOICE_STATES = ("draft", *OUTSTANDING, "paid", "void")


class FixedText(models.CharField):  # type: ignore[type-arg] # Django knows no such at run time
    """A text of exactly so many characters."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        """Return the column's type."""
        return f"char({self.max_length})"


class Account(models.Model):
    """A customer, billed in one currency."""

    title = models.TextField()
    handle = models.TextField(unique=True)
    state = models.TextField(db_default="live")
    currency = FixedText(max_length=3, db_default="usd")

    class Meta:
        """Its table."""

        db_table = '"ledger"."accounts"'
        constraints = [
            CheckConstraint(condition=Q(state__in=ACCOUNT_STATES), name="accounts_state_is_known"),
            CheckConstraint(
                condition=Q(currency__regex="^[a-z]{3}$"), name="accounts_currency_is_lower_case"
            ),
        ]


class Contract(models.Model):
    """What an account pays, from a day on and until the day before ``ends``, if that is known."""

    account = models.ForeignKey(Account, models.PROTECT)
    rate_percent = models.DecimalField(max_digits=7, decimal_places=4)
    starts = models.DateField()
    ends = models.DateField(null=True)

    class Meta:
        """Its table; of an account no day has two rates."""

        db_table = '"ledger"."contracts"'
        constraints = [
            CheckConstraint(
                condition=Q(rate_percent__gte=0, rate_percent__lte=100),
                name="contracts_rate_is_a_share",
            ),
            CheckConstraint(condition=Q(ends__gt=F("starts")), name="contracts_last_a_day"),
            ExclusionConstraint(
                name="contracts_never_overlap",
                expressions=[
                    ("account", "="),
                    (Func(F("starts"), F("ends"), function="daterange"), "&&"),
                ],
            ),
        ]


class Finding(models.Model):
    """Money that was recovered for an account, or may be; below zero where it was lost again."""

    account = models.ForeignKey(Account, models.PROTECT)
    kind = models.TextField()
    state = models.TextField(db_default="identified")
    amount_cents = models.BigIntegerField()
    happened_at = models.DateTimeField()
    reference = models.TextField()
    deleted_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        """Its table; whoever reports a finding twice has reported one."""

        db_table = '"ledger"."findings"'
        indexes = [models.Index(fields=["account", "happened_at"], name="findings_by_time")]
        constraints = [
            UniqueConstraint(fields=["account", "reference"], name="findings_reference_is_unique"),
            CheckConstraint(condition=Q(state__in=FINDING_STATES), name="findings_state_is_known"),
        ]


class Invoice(models.Model):
    """The bill of an account's month. It has a number from the moment it is sent."""

    account = models.ForeignKey(Account, models.PROTECT)
    number = models.TextField(null=True, unique=True)
    state = models.TextField(db_default="draft")
    month = models.DateField()
    rate_percent = models.DecimalField(max_digits=7, decimal_places=4)
    total_cents = models.BigIntegerField()
    created_at = models.DateTimeField(db_default=Now())
    sent_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    voided_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        """Its table; a month has one invoice that counts."""

        db_table = '"ledger"."invoices"'
        constraints = [
            CheckConstraint(condition=Q(state__in=INVOICE_STATES), name="invoices_state_is_known"),
            CheckConstraint(condition=Q(month__day=1), name="invoices_month_is_its_first_day"),
            CheckConstraint(
                condition=Q(number__isnull=True, sent_at__isnull=True)
                | Q(number__isnull=False, sent_at__isnull=False),
                name="invoices_number_is_given_when_sent",
            ),
            UniqueConstraint(
                fields=["account", "month"],
                condition=~Q(state="void"),
                name="invoices_one_a_month",
            ),
        ]


class InvoiceItem(models.Model):
    """What an invoice bills for one finding. It stays when the invoice is void."""

    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="items")
    finding = models.ForeignKey(Finding, models.PROTECT)
    recovered_cents = models.BigIntegerField()
    fee_cents = models.BigIntegerField()

    class Meta:
        """Its table."""

        db_table = '"ledger"."invoice_items"'
        ordering = ["id"]
        constraints = [
            UniqueConstraint(fields=["invoice", "finding"], name="invoice_items_bill_once")
        ]


class Payment(models.Model):
    """Money that came in for an invoice."""

    invoice = models.ForeignKey(Invoice, models.PROTECT)
    amount_cents = models.BigIntegerField()
    paid_at = models.DateTimeField()

    class Meta:
        """Its table."""

        db_table = '"ledger"."payments"'


class Counter(models.Model):
    """The last number that was given in a year, over all accounts."""

    year = models.IntegerField(primary_key=True)
    last = models.BigIntegerField()

    class Meta:
        """Its table."""

        db_table = '"ledger"."counters"'


class AuditEntry(models.Model):
    """A call that was done."""

    at = models.DateTimeField(db_default=Now())
    call = models.TextField()
    account = models.ForeignKey(Account, models.PROTECT)
    detail = models.TextField()

    class Meta:
        """Its table."""

        db_table = '"ledger"."audit_log"'


class Message(models.Model):
    """News for other systems; somebody else delivers it."""

    at = models.DateTimeField(db_default=Now())
    topic = models.TextField()
    payload = models.JSONField()

    class Meta:
        """Its table."""

        db_table = '"ledger"."outbox"'
