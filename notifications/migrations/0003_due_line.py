import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('notifications', '0002_initial'),
        ('subscriptions', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Due',
            fields=[
                ('notice', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='due', serialize=False, to='notifications.notice', verbose_name='notice')),
                ('urgent', models.BooleanField(verbose_name='urgent')),
                ('not_before', models.DateTimeField(verbose_name='not before')),
                ('crashes', models.PositiveSmallIntegerField(verbose_name="expired leases")),
            ],
            options={
                'verbose_name': "queue entry",
                'verbose_name_plural': "queue entries",
            },
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='notice',
            name='notice_moves',
        ),
        migrations.RemoveConstraint(
            model_name='notice',
            name='notice_state',
        ),
        migrations.RunSQL(
            # What a gateway has is told by the delivery now. Back again: let the sweeper look at what is on its way.
            "UPDATE notifications_notice SET state = 'sending' WHERE state = 'sent'",
            "UPDATE notifications_notice SET lease_until = clock_timestamp() WHERE state = 'sending'",
        ),
        migrations.RunSQL(
            "INSERT INTO notifications_due (notice_id, urgent, not_before, crashes)"
            " SELECT id, urgent, not_before, crashes FROM notifications_notice WHERE state = 'ready' ORDER BY id",
            migrations.RunSQL.noop,
        ),
        # Room in each page for the next versions of its rows: HOT needs it. Counts for pages written from now on.
        migrations.RunSQL(
            "ALTER TABLE notifications_notice SET (fillfactor = 50); ALTER TABLE notifications_delivery SET (fillfactor = 50)",
            "ALTER TABLE notifications_notice RESET (fillfactor); ALTER TABLE notifications_delivery RESET (fillfactor)",
        ),
        migrations.RemoveField(
            model_name='notice',
            name='lease_until',
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='notice',
            trigger=pgtrigger.compiler.Trigger(name='notice_moves', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.state IS DISTINCT FROM NEW.state AND (OLD.state, NEW.state) NOT IN (('ready', 'sending'), ('ready', 'failed'), ('ready', 'cancelled'), ('ready', 'too_late'), ('ready', 'review'), ('sending', 'ready'), ('sending', 'delivered'), ('sending', 'failed'), ('sending', 'unknown'), ('sending', 'review'), ('unknown', 'ready'), ('unknown', 'sending'), ('unknown', 'delivered'), ('unknown', 'failed'), ('unknown', 'review'), ('review', 'ready'), ('review', 'sending'), ('review', 'delivered'), ('review', 'failed'), ('review', 'cancelled')))", func="RAISE EXCEPTION 'state may not go from % to %', OLD.state, NEW.state USING ERRCODE = 'check_violation';", hash='08c901ee4dc712bad4c05151091f8be723569202', operation='UPDATE OF "state"', pgid='pgtrigger_notice_moves_b64a9', table='notifications_notice', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='notice',
            trigger=pgtrigger.compiler.Trigger(name='notice_queue_new', sql=pgtrigger.compiler.UpsertTriggerSql(func="INSERT INTO notifications_due (notice_id, urgent, not_before, crashes) SELECT id, urgent, not_before, crashes FROM fresh WHERE state = 'ready' ORDER BY id; RETURN NULL;", hash='09b90516c57ea1d28ad6b31d1c93922636585311', level='STATEMENT', operation='INSERT', pgid='pgtrigger_notice_queue_new_f78ed', referencing='REFERENCING NEW TABLE AS fresh ', table='notifications_notice', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='notice',
            trigger=pgtrigger.compiler.Trigger(name='notice_queue_again', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (NEW.state = 'ready' AND (OLD.state, OLD.urgent, OLD.not_before, OLD.crashes) IS DISTINCT FROM (NEW.state, NEW.urgent, NEW.not_before, NEW.crashes))", func='INSERT INTO notifications_due (notice_id, urgent, not_before, crashes) VALUES (NEW.id, NEW.urgent, NEW.not_before, NEW.crashes) ON CONFLICT (notice_id) DO UPDATE SET urgent = excluded.urgent, not_before = excluded.not_before, crashes = excluded.crashes; RETURN NULL;', hash='72bb5278e5364d7f8d13eb3f07129d24d19316bd', operation='UPDATE', pgid='pgtrigger_notice_queue_again_c6830', table='notifications_notice', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='notice',
            trigger=pgtrigger.compiler.Trigger(name='notice_queue_over', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.state = 'ready' AND NEW.state NOT IN ('ready', 'sending'))", func='DELETE FROM notifications_due WHERE notice_id = OLD.id; RETURN NULL;', hash='89e788e13ebcabbbcdf8f408dd7b2cde8b4c33c7', operation='UPDATE', pgid='pgtrigger_notice_queue_over_a4d8a', table='notifications_notice', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='notice',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['ready', 'sending', 'unknown', 'review', 'delivered', 'failed', 'cancelled', 'too_late'])), name='notice_state'),
        ),
        migrations.AddIndex(
            model_name='due',
            index=models.Index(condition=models.Q(('crashes', 0)), fields=['urgent', 'not_before', 'notice'], name='due_in_order'),
        ),
        migrations.AddIndex(
            model_name='due',
            index=models.Index(condition=models.Q(('crashes__gt', 0)), fields=['not_before', 'notice'], name='due_suspects'),
        ),
    ]
