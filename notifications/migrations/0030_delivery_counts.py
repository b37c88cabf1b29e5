from django.db import migrations, models


class Migration(migrations.Migration):
    """Two new tables for the counts that the dashboard reads. What ended before this release is not counted."""

    dependencies = [
        ('notifications', '0029_delivery_of_carrier'),
    ]

    operations = [
        migrations.CreateModel(
            name='DeliveryChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('hour', models.DateTimeField(verbose_name='hour in which it began')),
                ('channel', models.CharField(max_length=20, verbose_name='channel')),
                ('state', models.CharField(max_length=10, verbose_name='state')),
                ('code', models.CharField(blank=True, default='', max_length=40, verbose_name='gateway code')),
                ('duration', models.PositiveSmallIntegerField(default=0, verbose_name='step of the duration')),
                ('change', models.IntegerField(verbose_name='change')),
            ],
            options={
                'verbose_name': 'uncounted change',
                'verbose_name_plural': 'uncounted changes',
            },
        ),
        migrations.CreateModel(
            name='DeliveryHour',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('hour', models.DateTimeField(verbose_name='hour in which it began')),
                ('channel', models.CharField(max_length=20, verbose_name='channel')),
                ('state', models.CharField(max_length=10, verbose_name='state')),
                ('code', models.CharField(blank=True, default='', max_length=40, verbose_name='gateway code')),
                ('duration', models.PositiveSmallIntegerField(default=0, verbose_name='step of the duration')),
                ('count', models.IntegerField(verbose_name='deliveries')),
            ],
            options={
                'verbose_name': 'deliveries of an hour',
                'verbose_name_plural': 'deliveries by the hour',
                'ordering': ['-id'],
                'constraints': [models.UniqueConstraint(fields=('hour', 'channel', 'state', 'code', 'duration'), name='delivery_hour_once')],
            },
        ),
    ]
