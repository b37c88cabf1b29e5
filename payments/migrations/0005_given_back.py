import pgtrigger.compiler
import pgtrigger.migrations
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

# Old code knows no such state, and its trigger lets nothing leave one: between the two triggers.
FORGET = "UPDATE payments_payment SET state = 'expired', reason = 'too_late' WHERE state = 'given_back'"


class Migration(migrations.Migration):
    """Columns that may be empty or have a default of the database's, one more state, and constraints for new rows; the
    next migration reads the old ones. Old code goes on: it writes none of it."""

    dependencies = [
        ("payments", "0004_debts_as_hashes"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="payment",
            name="payment_moves",
        ),
        migrations.RemoveConstraint(
            model_name="payment",
            name="payment_state",
        ),
        migrations.AddField(
            model_name="payment",
            name="left_as_of",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="payment",
            name="left_there",
            field=models.BigIntegerField(blank=True, null=True, verbose_name="remaining at the provider (won)"),
        ),
        migrations.AddField(
            model_name="payment",
            name="review_since",
            field=models.DateTimeField(blank=True, null=True, verbose_name="in review since"),
        ),
        migrations.AddField(
            model_name="refund",
            name="outside",
            field=models.BooleanField(
                db_default=False, default=False, verbose_name="already refunded at the provider"
            ),
        ),
        migrations.RunSQL(migrations.RunSQL.noop, FORGET),
        pgtrigger.migrations.AddTrigger(
            model_name="payment",
            trigger=pgtrigger.compiler.Trigger(
                name="payment_moves",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.state IS DISTINCT FROM NEW.state AND (OLD.state, NEW.state) NOT IN (('created', 'opened'), ('created', 'paid'), ('created', 'declined'), ('created', 'abandoned'), ('created', 'expired'), ('created', 'unknown'), ('created', 'surplus'), ('created', 'given_back'), ('opened', 'confirming'), ('opened', 'paid'), ('opened', 'declined'), ('opened', 'abandoned'), ('opened', 'expired'), ('opened', 'unknown'), ('opened', 'surplus'), ('opened', 'given_back'), ('confirming', 'opened'), ('confirming', 'paid'), ('confirming', 'declined'), ('confirming', 'unknown'), ('confirming', 'surplus'), ('confirming', 'given_back'), ('unknown', 'paid'), ('unknown', 'declined'), ('unknown', 'expired'), ('unknown', 'surplus'), ('unknown', 'given_back'), ('declined', 'surplus'), ('declined', 'given_back'), ('abandoned', 'surplus'), ('abandoned', 'given_back'), ('expired', 'surplus'), ('expired', 'given_back'), ('given_back', 'surplus'), ('paid', 'part_refunded'), ('paid', 'refunded'), ('part_refunded', 'refunded'), ('surplus', 'returned')))",
                    func="RAISE EXCEPTION 'state may not go from % to %', OLD.state, NEW.state USING ERRCODE = 'check_violation';",
                    hash="6ba8d45e07b9d0a5ded310263d9ef5da41acab07",
                    operation='UPDATE OF "state"',
                    pgid="pgtrigger_payment_moves_afd55",
                    table="payments_payment",
                    when="BEFORE",
                ),
            ),
        ),
        AddConstraintNotValid(
            model_name="payment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        [
                            "created",
                            "opened",
                            "confirming",
                            "unknown",
                            "declined",
                            "abandoned",
                            "expired",
                            "given_back",
                            "paid",
                            "part_refunded",
                            "refunded",
                            "surplus",
                            "returned",
                        ],
                    )
                ),
                name="payment_state",
            ),
        ),
        AddConstraintNotValid(
            model_name="payment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("review_since__isnull", True),
                    ("state__in", ["paid", "part_refunded", "refunded", "surplus", "returned"]),
                    _connector="OR",
                ),
                name="payment_review_of_taken",
            ),
        ),
    ]
