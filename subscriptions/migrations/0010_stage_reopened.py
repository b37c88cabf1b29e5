from django.db import migrations, models

MOMENTS = ['opened', 'event', 'changed', 'paid', 'completed', 'withdrawn', 'objected', 'date', 'not_yours']
NEW = [*MOMENTS[:3], 'reopened', *MOMENTS[3:]]
DROP = 'ALTER TABLE subscriptions_stage DROP CONSTRAINT stage_trigger'


def add(moments):
    """Validated apart, so that no statement waits for the look at every row."""
    listed = ', '.join(f"'{moment}'" for moment in moments)
    return f'ALTER TABLE subscriptions_stage ADD CONSTRAINT stage_trigger CHECK ("trigger" IN ({listed})) NOT VALID'


class Migration(migrations.Migration):
    """A stage may tell people that a record is open again. Backwards, stages of that kind stay where they are."""

    dependencies = [
        ('subscriptions', '0009_unreached_by_choice'),
    ]

    operations = [
        migrations.RunSQL(
            f'{DROP}; {add(NEW)}',
            f'{DROP}; {add(MOMENTS)}',
            state_operations=[
                migrations.RemoveConstraint(model_name='stage', name='stage_trigger'),
                migrations.AddConstraint(
                    model_name='stage',
                    constraint=models.CheckConstraint(condition=models.Q(('trigger__in', NEW)), name='stage_trigger'),
                ),
            ],
        ),
        migrations.RunSQL('ALTER TABLE subscriptions_stage VALIDATE CONSTRAINT stage_trigger', migrations.RunSQL.noop),
    ]
