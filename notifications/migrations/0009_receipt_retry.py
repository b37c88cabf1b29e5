from django.db import migrations, models


class Migration(migrations.Migration):
    """Columns only, empty or with a default of the database's: no statement waits, and running old code goes on."""

    dependencies = [
        ("notifications", "0008_push_digest"),
    ]

    operations = [
        migrations.AddField(
            model_name='receiptevent',
            name='retry_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='tried again'),
        ),
        migrations.AddField(
            model_name='receiptevent',
            name='failed',
            field=models.SmallIntegerField(db_default=0, default=0, verbose_name='failed'),
        ),
    ]
