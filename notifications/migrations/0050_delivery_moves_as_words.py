import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):
    """Write the moves of a delivery as words (docs/adr/0085)."""

    dependencies = [
        ('notifications', '0049_notice_moves_as_words'),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='delivery',
            name='delivery_moves',
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='delivery',
            trigger=pgtrigger.compiler.Trigger(name='delivery_moves', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.state IS DISTINCT FROM NEW.state AND OLD.state || '>' || NEW.state <> ALL ('{sending>sent,sending>delivered,sending>failed,sending>unknown,sending>returned,sent>delivered,sent>failed,sent>unknown,sent>returned,unknown>sent,unknown>delivered,unknown>failed,unknown>returned,failed>delivered,returned>delivered}'::text[]))", func="RAISE EXCEPTION 'state may not go from % to %', OLD.state, NEW.state USING ERRCODE = 'check_violation';", hash='cc41bc332758bf896dfe1874e31c7a136997f1b7', operation='UPDATE OF "state"', pgid='pgtrigger_delivery_moves_8e860', table='notifications_delivery', when='AFTER')),
        ),
    ]
