import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):
    """As BEFORE triggers they made PostgreSQL lock each row before it was updated."""

    dependencies = [
        ('notifications', '0023_notice_without_foreign_keys'),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='delivery',
            name='delivery_moves',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='notice',
            name='notice_moves',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='notice',
            name='notice_released_once',
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='delivery',
            trigger=pgtrigger.compiler.Trigger(name='delivery_moves', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.state IS DISTINCT FROM NEW.state AND (OLD.state, NEW.state) NOT IN (('sending', 'sent'), ('sending', 'delivered'), ('sending', 'failed'), ('sending', 'unknown'), ('sending', 'returned'), ('sent', 'delivered'), ('sent', 'failed'), ('sent', 'unknown'), ('sent', 'returned'), ('unknown', 'sent'), ('unknown', 'delivered'), ('unknown', 'failed'), ('unknown', 'returned'), ('failed', 'delivered'), ('returned', 'delivered')))", func="RAISE EXCEPTION 'state may not go from % to %', OLD.state, NEW.state USING ERRCODE = 'check_violation';", hash='f075e73b023a7512b7344f9f8b3417fb84879b8a', operation='UPDATE OF "state"', pgid='pgtrigger_delivery_moves_8e860', table='notifications_delivery', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='notice',
            trigger=pgtrigger.compiler.Trigger(name='notice_moves', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.state IS DISTINCT FROM NEW.state AND (OLD.state, NEW.state) NOT IN (('ready', 'sending'), ('ready', 'failed'), ('ready', 'cancelled'), ('ready', 'too_late'), ('ready', 'review'), ('sending', 'ready'), ('sending', 'delivered'), ('sending', 'failed'), ('sending', 'unknown'), ('sending', 'review'), ('unknown', 'ready'), ('unknown', 'sending'), ('unknown', 'delivered'), ('unknown', 'failed'), ('unknown', 'review'), ('review', 'ready'), ('review', 'sending'), ('review', 'delivered'), ('review', 'failed'), ('review', 'cancelled')))", func="RAISE EXCEPTION 'state may not go from % to %', OLD.state, NEW.state USING ERRCODE = 'check_violation';", hash='dcc30ad093729912a8628e035ebc730ce90bdfa2', operation='UPDATE OF "state"', pgid='pgtrigger_notice_moves_b64a9', table='notifications_notice', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='notice',
            trigger=pgtrigger.compiler.Trigger(name='notice_released_once', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.released_at IS DISTINCT FROM NEW.released_at AND (OLD.released_at IS NOT NULL OR (OLD.state, OLD.reason) NOT IN (('failed', 'no_channel'), ('failed', 'all_channels_failed'), ('cancelled', 'unsubscribed'), ('cancelled', 'consent_withdrawn'))))", func="RAISE EXCEPTION 'a notice that is % (%) gives no cause back', OLD.state, OLD.reason USING ERRCODE = 'check_violation';", hash='2ef7d82900f22da2f84a09a347e946854bf9d086', operation='UPDATE OF "released_at"', pgid='pgtrigger_notice_released_once_13961', table='notifications_notice', when='AFTER')),
        ),
    ]
