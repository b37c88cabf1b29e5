import django.contrib.postgres.fields
import django.db.models.functions.datetime
from django.db import migrations, models


# Rows live for half a minute: packing them would cost more than writing them.
UNPACKED = """
ALTER TABLE notifications_handedover ALTER COLUMN deliveries SET STORAGE EXTERNAL,
    ALTER COLUMN codes SET STORAGE EXTERNAL, ALTER COLUMN vendor_ids SET STORAGE EXTERNAL
"""


class Migration(migrations.Migration):
    """Note what gateways took of a claim in one row, until it is written in its deliveries (docs/adr/0071)."""

    dependencies = [
        ('notifications', '0047_reach_added_up'),
    ]

    operations = [
        migrations.CreateModel(
            name='HandedOver',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('deliveries', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None, verbose_name='deliveries')),
                ('codes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), size=None, verbose_name='gateway codes')),
                ('vendor_ids', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=80), size=None, verbose_name='gateway message ids')),
                ('answered_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='answered')),
            ],
            options={
                'verbose_name': 'claim that was handed over',
                'verbose_name_plural': 'claims that were handed over',
            },
        ),
        migrations.RunSQL(UNPACKED, migrations.RunSQL.noop),
    ]
