from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('notifications', '0005_record_paid_here_objected'),
    ]

    operations = [
        migrations.AddField(
            model_name='record',
            name='told_encrypted',
            field=models.BinaryField(editable=False, null=True),
        ),
    ]
