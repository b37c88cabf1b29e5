from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('notifications', '0004_index_what_stays'),
    ]

    operations = [
        migrations.AddField(
            model_name='record',
            name='objected_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='objection raised'),
        ),
        migrations.AddField(
            model_name='record',
            name='paid_here_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='paid here'),
        ),
    ]
