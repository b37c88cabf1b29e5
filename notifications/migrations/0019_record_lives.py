from django.db import migrations, models

NUMBERS = ("digest_version", "event_version", "state_version")
ADD = "ALTER TABLE notifications_record ADD COLUMN content_digest bytea NULL" + "".join(
    f", ADD COLUMN {name} integer DEFAULT 0 NOT NULL" for name in NUMBERS
)
DROP = "ALTER TABLE notifications_record DROP COLUMN content_digest" + "".join(f", DROP COLUMN {name}" for name in NUMBERS)


class Migration(migrations.Migration):
    """Columns with defaults in the database or none: no row is rewritten, and code that does not know them goes on.

    In one statement: between four of them the table would stay locked while Django works out the next.
    """

    dependencies = [
        ('notifications', '0018_failed_before'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(ADD, DROP)],
            state_operations=[
                migrations.AddField(
                    model_name='record',
                    name='content_digest',
                    field=models.BinaryField(max_length=20, null=True),
                ),
                *(
                    migrations.AddField(
                        model_name='record', name=name, field=models.IntegerField(db_default=0, default=0)
                    )
                    for name in NUMBERS
                ),
            ],
        ),
    ]
