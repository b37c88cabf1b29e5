import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

DROP = """
ALTER TABLE notifications_notice
    DROP CONSTRAINT notifications_notice_citizen_id_317d4f30_fk_subscript,
    DROP CONSTRAINT notifications_notice_record_id_a6d87994_fk_notificat
"""
ADD = """
ALTER TABLE notifications_notice ADD CONSTRAINT notifications_notice_citizen_id_317d4f30_fk_subscript
    FOREIGN KEY (citizen_id) REFERENCES subscriptions_citizen (id) DEFERRABLE INITIALLY DEFERRED NOT VALID;
ALTER TABLE notifications_notice ADD CONSTRAINT notifications_notice_record_id_a6d87994_fk_notificat
    FOREIGN KEY (record_id) REFERENCES notifications_record (id) DEFERRABLE INITIALLY DEFERRED NOT VALID
"""


class Migration(migrations.Migration):
    """Why: docs/adr/0034. Back: 0022 validates what is added again here."""

    dependencies = [
        ('notifications', '0022_notice_parents_validated'),
        ('subscriptions', '0010_stage_reopened'),
    ]

    operations = [
        pgtrigger.migrations.AddTrigger(
            model_name='record',
            trigger=pgtrigger.compiler.Trigger(name='record_with_notices_stays', sql=pgtrigger.compiler.UpsertTriggerSql(func="IF EXISTS (SELECT FROM notifications_notice n WHERE n.record_id = OLD.id) THEN RAISE EXCEPTION 'record % has notices', OLD.id USING ERRCODE = 'foreign_key_violation'; END IF; RETURN OLD;", hash='e63a3870fb1b61914c1eab7658bc4caddcc2c8b5', operation='DELETE', pgid='pgtrigger_record_with_notices_stays_b600d', table='notifications_record', when='BEFORE')),
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(DROP, ADD)],
            state_operations=[
                migrations.AlterField(
                    model_name='notice',
                    name='citizen',
                    field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='notices', to='subscriptions.citizen', verbose_name='citizen'),
                ),
                migrations.AlterField(
                    model_name='notice',
                    name='record',
                    field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='notices', to='notifications.record', verbose_name='record'),
                ),
            ],
        ),
    ]
