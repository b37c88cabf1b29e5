import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    """The queue of notices that wait for a bundled message. Both new columns may be empty: no row is rewritten."""

    dependencies = [
        ('notifications', '0027_long_check_codes'),
        ('subscriptions', '0012_citizen_calm'),
    ]

    operations = [
        migrations.CreateModel(
            name='BundleEntry',
            fields=[
                ('notice', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='bundle_entry', serialize=False, to='notifications.notice', verbose_name='notice')),
                ('citizen', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='subscriptions.citizen', verbose_name='citizen')),
                ('bundle_at', models.DateTimeField(verbose_name='bundled message at')),
                ('not_before', models.DateTimeField(verbose_name='not before')),
                ('crashes', models.PositiveSmallIntegerField(verbose_name='expired leases')),
            ],
            options={
                'verbose_name': 'notice waiting for a bundled message',
                'verbose_name_plural': 'notices waiting for one',
                'indexes': [
                    models.Index(fields=['not_before', 'notice'], name='bundle_in_order'),
                    models.Index(fields=['citizen', 'notice'], name='bundle_of_citizen'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Bundle',
            fields=[
                ('carrier', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='bundle', serialize=False, to='notifications.delivery', verbose_name='carried by')),
                ('template', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='subscriptions.messagetemplate', verbose_name='message template')),
            ],
            options={
                'verbose_name': 'bundled message',
                'verbose_name_plural': 'bundled messages',
            },
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='notice',
            name='notice_queue_again',
        ),
        migrations.AddField(
            model_name='delivery',
            name='carrier',
            field=models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='carried', to='notifications.delivery', verbose_name='carried by'),
        ),
        migrations.AddField(
            model_name='notice',
            name='bundle_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='bundled message at'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='notice',
            trigger=pgtrigger.compiler.Trigger(name='notice_queue_again', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (NEW.state = 'ready' AND (OLD.state, OLD.urgent, OLD.not_before, OLD.crashes, OLD.bundle_at) IS DISTINCT FROM (NEW.state, NEW.urgent, NEW.not_before, NEW.crashes, NEW.bundle_at))", func='IF NEW.bundle_at IS NOT NULL AND NEW.crashes < 2 THEN DELETE FROM notifications_due WHERE notice_id = NEW.id; INSERT INTO notifications_bundleentry (notice_id, citizen_id, bundle_at, not_before, crashes) VALUES (NEW.id, NEW.citizen_id, NEW.bundle_at, NEW.not_before, NEW.crashes) ON CONFLICT (notice_id) DO UPDATE SET citizen_id = excluded.citizen_id, bundle_at = excluded.bundle_at, not_before = excluded.not_before, crashes = excluded.crashes; RETURN NULL; END IF; INSERT INTO notifications_due (notice_id, urgent, not_before, crashes) VALUES (NEW.id, NEW.urgent, NEW.not_before, NEW.crashes) ON CONFLICT (notice_id) DO UPDATE SET urgent = excluded.urgent, not_before = excluded.not_before, crashes = excluded.crashes; RETURN NULL;', hash='7797c28dbe6d2e47f72c5a8a53bdad0ddbb02038', operation='UPDATE', pgid='pgtrigger_notice_queue_again_c6830', table='notifications_notice', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='notice',
            trigger=pgtrigger.compiler.Trigger(name='notice_queue_unbundled', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.bundle_at IS NOT NULL AND OLD.state = 'ready' AND (NEW.state <> 'ready' OR NEW.bundle_at IS NULL OR NEW.crashes >= 2))", func='DELETE FROM notifications_bundleentry WHERE notice_id = OLD.id; RETURN NULL;', hash='8b8f615474d5efed412ad0b00277bac5f150c02c', operation='UPDATE', pgid='pgtrigger_notice_queue_unbundled_a347d', table='notifications_notice', when='AFTER')),
        ),
    ]
