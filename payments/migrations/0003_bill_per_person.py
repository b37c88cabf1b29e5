import django.db.models.deletion
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

ONE_BILL_PER_RECORD = "payments_bill_record_id_key"  # PostgreSQL's name for what 0001 asked for


class Migration(migrations.Migration):
    """From one bill per record to one per record and person, one of them open.

    Indexes are built beside running writers. Old code still finds at most one bill of a record: it opens none where
    there is one, and the new index on open bills refuses what it had left to the old constraint. Backwards only while
    no record has two bills.
    """

    atomic = False
    dependencies = [
        ('payments', '0002_bill_follows_record'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='bill',
            index=models.Index(condition=models.Q(('key__isnull', False)), fields=['key'], name='bill_of_key'),
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS bill_once_per_person"
                    " ON payments_bill (record_id, citizen_id)",
                    "DROP INDEX CONCURRENTLY IF EXISTS bill_once_per_person",
                ),
                migrations.RunSQL(
                    "ALTER TABLE payments_bill"
                    " ADD CONSTRAINT bill_once_per_person UNIQUE USING INDEX bill_once_per_person",
                    "ALTER TABLE payments_bill DROP CONSTRAINT bill_once_per_person",
                ),
                migrations.RunSQL(
                    "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS bill_open_once"
                    " ON payments_bill (record_id) WHERE state = 'open'",
                    "DROP INDEX CONCURRENTLY IF EXISTS bill_open_once",
                ),
                migrations.RunSQL(
                    f"ALTER TABLE payments_bill DROP CONSTRAINT {ONE_BILL_PER_RECORD}",
                    f"ALTER TABLE payments_bill ADD CONSTRAINT {ONE_BILL_PER_RECORD} UNIQUE (record_id)",
                ),
            ],
            state_operations=[
                migrations.AlterField(
                    model_name='bill',
                    name='record',
                    field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='bills', to='notifications.record', verbose_name='record'),
                ),
                migrations.AddConstraint(
                    model_name='bill',
                    constraint=models.UniqueConstraint(fields=('record', 'citizen'), name='bill_once_per_person'),
                ),
                migrations.AddConstraint(
                    model_name='bill',
                    constraint=models.UniqueConstraint(condition=models.Q(('state', 'open')), fields=('record',), name='bill_open_once'),
                ),
            ],
        ),
    ]
