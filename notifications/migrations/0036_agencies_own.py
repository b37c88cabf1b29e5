import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Show agencies what became of their batches; let their keys overlap."""

    dependencies = [
        ('notifications', '0035_replays'),
    ]

    operations = [
        migrations.CreateModel(
            name='BatchFigures',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('counted_at', models.DateTimeField(verbose_name='counted')),
                ('records', models.IntegerField(verbose_name='records')),
                ('people', models.IntegerField(verbose_name='people')),
                ('notified', models.IntegerField(verbose_name='notified')),
                ('delivered', models.IntegerField(verbose_name='delivered')),
                ('under_way', models.IntegerField(verbose_name='on the way')),
                ('failed', models.IntegerField(verbose_name='failed')),
                ('not_sent', models.IntegerField(verbose_name='not sent')),
                ('paid', models.IntegerField(verbose_name='paid here')),
            ],
            options={
                'verbose_name': 'figures of a batch',
                'verbose_name_plural': 'figures of batches',
            },
        ),
        migrations.AddField(
            model_name='agencykey',
            name='ends_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='valid until'),
        ),
        migrations.AddField(
            model_name='agencykey',
            name='last_used_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='last used'),
        ),
        migrations.AddIndex(
            model_name='feedrun',
            index=models.Index(condition=models.Q(('dry_run', False), models.Q(('read__gt', 0), ('state__in', ['refused', 'failed']), _connector='OR')), fields=['feed', '-id'], name='feed_run_batches'),
        ),
        migrations.AddField(
            model_name='batchfigures',
            name='run',
            field=models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='figures', to='notifications.feedrun', verbose_name='run'),
        ),
    ]
