from django.db import migrations, models

STATES = ['open', 'paid', 'completed', 'withdrawn']
DROP = 'ALTER TABLE notifications_record DROP CONSTRAINT record_state'


def add(states):
    """Validated in a migration of its own, so that no statement waits for the look at every row."""
    listed = ', '.join(f"'{state}'" for state in states)
    return f'ALTER TABLE notifications_record ADD CONSTRAINT record_state CHECK (state IN ({listed})) NOT VALID'


class Migration(migrations.Migration):
    """A record may be before a court by the agency's word. Backwards, such records stay as they are."""

    dependencies = [
        ('notifications', '0013_channel_resumed'),
    ]

    operations = [
        migrations.RunSQL(
            f"{DROP}; {add([*STATES, 'objected'])}",
            f'{DROP}; {add(STATES)}',
            state_operations=[
                migrations.RemoveConstraint(model_name='record', name='record_state'),
                migrations.AddConstraint(
                    model_name='record',
                    constraint=models.CheckConstraint(
                        condition=models.Q(('state__in', [*STATES, 'objected'])), name='record_state'
                    ),
                ),
            ],
        ),
        migrations.AlterField(
            model_name='record',
            name='objected_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='reminders paused'),
        ),
    ]
