import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Keep a report of who looked at whom, for each month."""

    dependencies = [
        ('common', '0007_find_lines'),
    ]

    operations = [
        migrations.CreateModel(
            name='LookReport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('month', models.DateField(unique=True, verbose_name='month')),
                ('made_at', models.DateTimeField(verbose_name='made')),
                ('members', models.IntegerField(default=0, verbose_name='members of staff')),
                ('looks', models.IntegerField(default=0, verbose_name='accesses')),
                ('marked', models.IntegerField(default=0, verbose_name='standing out')),
            ],
            options={
                'verbose_name': 'monthly report of accesses',
                'verbose_name_plural': 'monthly reports of accesses',
                'ordering': ['-month'],
            },
        ),
        migrations.CreateModel(
            name='LookReportLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('actor', models.CharField(max_length=60, verbose_name='actor')),
                ('looks', models.IntegerField(verbose_name='accesses')),
                ('revealed', models.IntegerField(verbose_name='in clear')),
                ('unexplained', models.IntegerField(verbose_name='in clear without a reason')),
                ('out_of_hours', models.IntegerField(verbose_name='out of hours')),
                ('refused', models.IntegerField(verbose_name="refused: another office's")),
                ('marks', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), default=list, size=None, verbose_name='standing out')),
                ('citizen_id', models.UUIDField(verbose_name='person concerned')),
                ('days', models.IntegerField(verbose_name='on days')),
                ('report', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='common.lookreport', verbose_name='report')),
            ],
            options={
                'verbose_name': 'accesses to one person',
                'verbose_name_plural': 'accesses by person',
                'ordering': ['report', 'actor', 'id'],
                'constraints': [models.UniqueConstraint(fields=('report', 'actor', 'citizen_id'), name='look_report_line_once')],
            },
        ),
        migrations.CreateModel(
            name='LookReportMember',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('actor', models.CharField(max_length=60, verbose_name='actor')),
                ('looks', models.IntegerField(verbose_name='accesses')),
                ('revealed', models.IntegerField(verbose_name='in clear')),
                ('unexplained', models.IntegerField(verbose_name='in clear without a reason')),
                ('out_of_hours', models.IntegerField(verbose_name='out of hours')),
                ('refused', models.IntegerField(verbose_name="refused: another office's")),
                ('marks', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), default=list, size=None, verbose_name='standing out')),
                ('people', models.IntegerField(verbose_name='people')),
                ('report', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='common.lookreport', verbose_name='report')),
            ],
            options={
                'verbose_name': 'accesses of one member of staff',
                'verbose_name_plural': 'accesses by member of staff',
                'ordering': ['report', 'actor'],
                'constraints': [models.UniqueConstraint(fields=('report', 'actor'), name='look_report_member_once')],
            },
        ),
    ]
