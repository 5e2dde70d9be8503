"""Changes are told by the tables themselves."""

from pathlib import Path

from django.db import migrations

TRIGGERS = Path(__file__).parents[1] / "triggers.sql"


class Migration(migrations.Migration):
    """Creates the triggers."""

    dependencies = [("ledgerline", "0001_ledger")]
    operations = [migrations.RunSQL(TRIGGERS.read_text())]
