import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):
    """Write the moves of a notice as words (docs/adr/0085). Those of a delivery have a migration of their own: statements lock
    the two tables in either order."""

    dependencies = [
        ('notifications', '0048_handed_over'),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='notice',
            name='notice_moves',
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='notice',
            trigger=pgtrigger.compiler.Trigger(name='notice_moves', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.state IS DISTINCT FROM NEW.state AND OLD.state || '>' || NEW.state <> ALL ('{ready>sending,ready>failed,ready>cancelled,ready>too_late,ready>review,sending>ready,sending>delivered,sending>failed,sending>unknown,sending>review,unknown>ready,unknown>sending,unknown>delivered,unknown>failed,unknown>review,review>ready,review>sending,review>delivered,review>failed,review>cancelled}'::text[]))", func="RAISE EXCEPTION 'state may not go from % to %', OLD.state, NEW.state USING ERRCODE = 'check_violation';", hash='c03598fc8f77800d679c615a03b6f97f2acab557', operation='UPDATE OF "state"', pgid='pgtrigger_notice_moves_b64a9', table='notifications_notice', when='AFTER')),
        ),
    ]
