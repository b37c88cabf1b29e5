from django.db import migrations, models


class Migration(migrations.Migration):
    """A column that may be empty: no row is rewritten, and code that does not know it goes on."""

    dependencies = [
        ('notifications', '0020_feed_versions'),
    ]

    operations = [
        migrations.AddField(
            model_name='notice',
            name='told_digest',
            field=models.BinaryField(max_length=16, null=True),
        ),
    ]
