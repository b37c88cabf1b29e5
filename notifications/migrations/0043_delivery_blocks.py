import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    """Note the blocks of deliveries that are to be looked after: from here on, whatever release writes them."""

    dependencies = [
        ('notifications', '0042_room_for_versions'),
    ]

    operations = [
        migrations.CreateModel(
            name='DeliveryBlock',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('block', models.BigIntegerField(verbose_name='number of the block')),
                ('due_at', models.DateTimeField(verbose_name='to be looked through at')),
                ('fresh', models.BooleanField(verbose_name='as claimed')),
            ],
            options={
                'verbose_name': 'block of deliveries',
                'verbose_name_plural': 'blocks of deliveries',
            },
        ),
        migrations.AddIndex(
            model_name='deliveryblock',
            index=models.Index(fields=['due_at'], name='delivery_block_due'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='delivery',
            trigger=pgtrigger.compiler.Trigger(name='delivery_block_new', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO notifications_deliveryblock (block, due_at, fresh) SELECT id >> 10, min(ask_at), true FROM fresh WHERE ask_at IS NOT NULL GROUP BY 1; RETURN NULL;', hash='981274a4d1c3019d29f704b5d32f00553b49bce2', level='STATEMENT', operation='INSERT', pgid='pgtrigger_delivery_block_new_086e5', referencing='REFERENCING NEW TABLE AS fresh ', table='notifications_delivery', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='delivery',
            trigger=pgtrigger.compiler.Trigger(name='delivery_block_again', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (NEW.ask_at IS NOT NULL AND (OLD.ask_at IS NULL OR NEW.ask_at < OLD.ask_at OR NEW.state = 'unknown' AND OLD.state <> 'unknown'))", func='INSERT INTO notifications_deliveryblock (block, due_at, fresh) VALUES (NEW.id >> 10, NEW.ask_at, false); RETURN NULL;', hash='abc466d68dcdedd1c77e53191a1e07a20883981d', operation='UPDATE', pgid='pgtrigger_delivery_block_again_0a762', table='notifications_delivery', when='AFTER')),
        ),
    ]
