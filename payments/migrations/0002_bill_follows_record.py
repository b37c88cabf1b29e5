import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Columns only, empty or with a default of the database's: no wait, and running old code continues."""

    dependencies = [
        ('payments', '0001_initial'),
        ('subscriptions', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='EventCount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('provider', models.CharField(max_length=20, verbose_name='provider')),
                ('kind', models.CharField(max_length=20, verbose_name='kind')),
                ('hour', models.DateTimeField(verbose_name='hour')),
                ('times', models.PositiveBigIntegerField(verbose_name='times')),
            ],
            options={
                'verbose_name': 'count of events',
                'verbose_name_plural': 'counts of events',
                'ordering': ['-hour'],
                'constraints': [models.UniqueConstraint(fields=('provider', 'kind', 'hour'), name='event_count_once')],
            },
        ),
        migrations.AddField(
            model_name='bill',
            name='key',
            field=models.ForeignKey(db_constraint=False, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='subscriptions.citizenkey'),
        ),
        migrations.AddField(
            model_name='bill',
            name='seen_version',
            field=models.IntegerField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='bill',
            name='follow_at',
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='bill',
            name='failed',
            field=models.SmallIntegerField(db_default=0, default=0, editable=False),
        ),
        migrations.AddField(
            model_name='payment',
            name='heard_at',
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AlterField(
            model_name='bill',
            name='debt',
            field=models.CharField(editable=False, max_length=140, verbose_name='debt'),
        ),
        migrations.AlterField(
            model_name='payment',
            name='debt',
            field=models.CharField(editable=False, max_length=140, verbose_name='debt'),
        ),
    ]
