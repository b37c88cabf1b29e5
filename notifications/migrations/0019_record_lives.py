from django.db import migrations, models


class Migration(migrations.Migration):
    """Columns with defaults in the database or none: no row is rewritten, and code that does not know them goes on."""

    dependencies = [
        ('notifications', '0018_failed_before'),
    ]

    operations = [
        migrations.AddField(
            model_name='record',
            name='content_digest',
            field=models.BinaryField(max_length=20, null=True),
        ),
        migrations.AddField(
            model_name='record',
            name='digest_version',
            field=models.IntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='record',
            name='event_version',
            field=models.IntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='record',
            name='state_version',
            field=models.IntegerField(db_default=0, default=0),
        ),
    ]
