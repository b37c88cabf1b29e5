from django.db import migrations, models


class Migration(migrations.Migration):
    """Columns with defaults in the database: no row is rewritten, and code that does not know them goes on."""

    dependencies = [
        ('notifications', '0006_record_told_encrypted'),
    ]

    operations = [
        migrations.AddField(
            model_name='record',
            name='subject_version',
            field=models.IntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='ingestbatch',
            name='moved',
            field=models.BooleanField(db_default=False, default=False, verbose_name='about other people than before'),
        ),
        migrations.AddField(
            model_name='notice',
            name='not_theirs_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='not about this person since'),
        ),
    ]
