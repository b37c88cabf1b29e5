from collections.abc import Iterable
from datetime import date

from django.conf import settings
from django.db import connection, models
from django.utils.translation import gettext_lazy as _

from secretary.kernel.database.prepared import planned
from secretary.kernel.time import working_days


class DeclaredHoliday(models.Model):
    """임시공휴일: a public holiday declared after the calendar package's release. Deadlines move off it (민법 §161)."""

    day = models.DateField(_("day"), unique=True)
    name = models.CharField(_("name"), max_length=60)
    declared_by = models.CharField(_("entered by"), max_length=60, editable=False)
    declared_at = models.DateTimeField(_("entered"), editable=False)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, editable=False)
    # When the deadlines of records were computed anew with (or without) it; null: they still have to be.
    applied_at = models.DateTimeField(_("deadlines moved"), null=True, editable=False)

    class Meta:
        ordering = ["-day"]
        verbose_name, verbose_name_plural = _("declared holiday"), _("declared holidays")

    def __str__(self) -> str:
        return f"{self.day} {self.name}"


STANDING = planned("SELECT day FROM notifications_declaredholiday WHERE withdrawn_at IS NULL")


def use_declared_holidays() -> None:
    """Load the declared holidays, one short statement: called before days are counted, so that all processes agree."""
    with connection.cursor() as cursor:
        cursor.execute(STANDING)
        take_declared_holidays(day for (day,) in cursor.fetchall())


def take_declared_holidays(days: Iterable[date]) -> None:
    """Use these declared holidays, which a statement of the caller's has just read."""
    working_days.declare({*settings.EXTRA_HOLIDAYS, *days})
