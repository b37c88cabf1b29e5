from django.db import models
from django.utils.translation import gettext_lazy as _

from secretary.kernel.row_titles import row_title


class RecordWalk(models.Model):
    """How far the walks have come that remove cases which are over, and payments whose time is over
    (citizens/own_data/promises.py)."""

    CASES, PAYMENTS = 1, 2

    id = models.SmallIntegerField(primary_key=True, default=1)
    after = models.BigIntegerField(_("after record"), default=0)

    class Meta:
        verbose_name, verbose_name_plural = _("walk over records"), _("walk over records")

    def __str__(self) -> str:
        return row_title(self)
