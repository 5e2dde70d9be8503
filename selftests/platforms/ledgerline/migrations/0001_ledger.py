"""The schema and its tables."""

from datetime import datetime
from pathlib import Path

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.operations import BtreeGistExtension
from django.db import migrations, models
from django.db.models import CheckConstraint, F, Func, Q, UniqueConstraint
from django.db.models.deletion import PROTECT
from django.db.models.functions import Now

from selftests.platforms.ledgerline.models import FixedText

HERE = Path(__file__).parents[1]


def identity() -> "tuple[str, models.BigAutoField[int, int]]":
    """Return a column for an id that counts."""
    name = "id"
    column = models.BigAutoField(
        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
    )
    return name, column


def instant() -> "models.DateTimeField[datetime, datetime]":
    """Return a column for an instant that is now, if nothing is said."""
    return models.DateTimeField(db_default=Now())


class Migration(migrations.Migration):
    """Creates them in an empty database."""

    initial = True
    dependencies = []
    operations = [
        migrations.RunSQL((HERE / "schema.sql").read_text()),
        BtreeGistExtension(),
        migrations.CreateModel(
            "Account",
            fields=[
                identity(),
                ("title", models.TextField()),
                ("handle", models.TextField(unique=True)),
                ("state", models.TextField(db_default="live")),
                ("currency", FixedText(max_length=3, db_default="usd")),
            ],
            options={
                "db_table": '"ledger"."accounts"',
                "constraints": [
                    CheckConstraint(
                        condition=Q(state__in=("live", "trial", "frozen", "closed")),
                        name="accounts_state_is_known",
                    ),
                    CheckConstraint(
                        condition=Q(currency__regex="^[a-z]{3}$"),
                        name="accounts_currency_is_lower_case",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            "Contract",
            fields=[
                identity(),
                ("account", models.ForeignKey("ledgerline.Account", PROTECT)),
                ("rate_percent", models.DecimalField(max_digits=7, decimal_places=4)),
                ("starts", models.DateField()),
                ("ends", models.DateField(null=True)),
            ],
            options={
                "db_table": '"ledger"."contracts"',
                "constraints": [
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
                ],
            },
        ),
        migrations.CreateModel(
            "Finding",
            fields=[
                identity(),
                ("account", models.ForeignKey("ledgerline.Account", PROTECT)),
                ("kind", models.TextField()),
                ("state", models.TextField(db_default="identified")),
                ("amount_cents", models.BigIntegerField()),
                ("happened_at", models.DateTimeField()),
                ("reference", models.TextField()),
                ("deleted_at", models.DateTimeField(null=True)),
                ("created_at", instant()),
                ("updated_at", instant()),
            ],
            options={
                "db_table": '"ledger"."findings"',
                "indexes": [
                    models.Index(fields=["account", "happened_at"], name="findings_by_time")
                ],
                "constraints": [
                    UniqueConstraint(
                        fields=["account", "reference"], name="findings_reference_is_unique"
                    ),
                    CheckConstraint(
                        condition=Q(state__in=("recovered", "identified", "rejected")),
                        name="findings_state_is_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            "Invoice",
            fields=[
                identity(),
                ("account", models.ForeignKey("ledgerline.Account", PROTECT)),
                ("number", models.TextField(null=True, unique=True)),
                ("state", models.TextField(db_default="draft")),
                ("month", models.DateField()),
                ("rate_percent", models.DecimalField(max_digits=7, decimal_places=4)),
                ("total_cents", models.BigIntegerField()),
                ("created_at", instant()),
                ("sent_at", models.DateTimeField(null=True)),
                ("settled_at", models.DateTimeField(null=True)),
                ("voided_at", models.DateTimeField(null=True)),
                ("updated_at", instant()),
            ],
            options={
                "db_table": '"ledger"."invoices"',
                "constraints": [
                    CheckConstraint(
                        condition=Q(state__in=("draft", "sent", "overdue", "paid", "void")),
                        name="invoices_state_is_known",
                    ),
                    CheckConstraint(
                        condition=Q(month__day=1), name="invoices_month_is_its_first_day"
                    ),
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
                ],
            },
        ),
        migrations.CreateModel(
            "InvoiceItem",
            fields=[
                identity(),
                ("invoice", models.ForeignKey("ledgerline.Invoice", PROTECT, related_name="items")),
                ("finding", models.ForeignKey("ledgerline.Finding", PROTECT)),
                ("recovered_cents", models.BigIntegerField()),
                ("fee_cents", models.BigIntegerField()),
            ],
            options={
                "db_table": '"ledger"."invoice_items"',
                "ordering": ["id"],
                "constraints": [
                    UniqueConstraint(fields=["invoice", "finding"], name="invoice_items_bill_once")
                ],
            },
        ),
        migrations.CreateModel(
            "Payment",
            fields=[
                identity(),
                ("invoice", models.ForeignKey("ledgerline.Invoice", PROTECT)),
                ("amount_cents", models.BigIntegerField()),
                ("paid_at", models.DateTimeField()),
            ],
            options={"db_table": '"ledger"."payments"'},
        ),
        migrations.CreateModel(
            "Counter",
            fields=[
                ("year", models.IntegerField(primary_key=True, serialize=False)),
                ("last", models.BigIntegerField()),
            ],
            options={"db_table": '"ledger"."counters"'},
        ),
        migrations.CreateModel(
            "AuditEntry",
            fields=[
                identity(),
                ("at", instant()),
                ("call", models.TextField()),
                ("account", models.ForeignKey("ledgerline.Account", PROTECT)),
                ("detail", models.TextField()),
            ],
            options={"db_table": '"ledger"."audit_log"'},
        ),
        migrations.CreateModel(
            "Message",
            fields=[
                identity(),
                ("at", instant()),
                ("topic", models.TextField()),
                ("payload", models.JSONField()),
            ],
            options={"db_table": '"ledger"."outbox"'},
        ),
    ]
