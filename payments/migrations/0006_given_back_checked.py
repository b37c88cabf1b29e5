from django.contrib.postgres.operations import AddIndexConcurrently, ValidateConstraint
from django.db import migrations, models


class Migration(migrations.Migration):
    """Rows of before are read beside the work; the index is built beside it."""

    atomic = False
    dependencies = [
        ("payments", "0005_given_back"),
    ]

    operations = [
        ValidateConstraint(model_name="payment", name="payment_state"),
        ValidateConstraint(model_name="payment", name="payment_review_of_taken"),
        AddIndexConcurrently(
            model_name="payment",
            index=models.Index(
                condition=models.Q(("review_since__isnull", False)), fields=["review_since"], name="payment_in_review"
            ),
        ),
    ]
