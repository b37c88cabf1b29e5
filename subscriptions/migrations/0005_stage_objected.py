from django.db import migrations, models

MOMENTS = ['opened', 'event', 'changed', 'paid', 'completed', 'withdrawn', 'date', 'not_yours']
DROP = 'ALTER TABLE subscriptions_stage DROP CONSTRAINT stage_trigger'


def add(moments):
    """Validated apart, so that no statement waits for the look at every row."""
    listed = ', '.join(f"'{moment}'" for moment in moments)
    return f'ALTER TABLE subscriptions_stage ADD CONSTRAINT stage_trigger CHECK ("trigger" IN ({listed})) NOT VALID'


def listed(moments):
    return models.CheckConstraint(condition=models.Q(('trigger__in', moments)), name='stage_trigger')


class Migration(migrations.Migration):
    """A stage may tell people that by the agency's word an objection stands. Backwards, such stages stay."""

    dependencies = [
        ('subscriptions', '0004_approved_contact'),
    ]

    operations = [
        migrations.RunSQL(
            f"{DROP}; {add([*MOMENTS[:6], 'objected', *MOMENTS[6:]])}",
            f'{DROP}; {add(MOMENTS)}',
            state_operations=[
                migrations.RemoveConstraint(model_name='stage', name='stage_trigger'),
                migrations.AddConstraint(
                    model_name='stage', constraint=listed([*MOMENTS[:6], 'objected', *MOMENTS[6:]])
                ),
            ],
        ),
        migrations.RunSQL('ALTER TABLE subscriptions_stage VALIDATE CONSTRAINT stage_trigger', migrations.RunSQL.noop),
    ]
