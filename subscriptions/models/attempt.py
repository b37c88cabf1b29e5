from datetime import datetime

from django.db import connection, models
from django.utils.translation import gettext_lazy as _

from secretary.kernel.database.prepared import planned
from secretary.kernel.row_titles import row_title

ONE_MORE = planned(
    "INSERT INTO subscriptions_attempt (what, key_hash, window_start, count)"
    " VALUES (%s, %s, %s, 1) ON CONFLICT (what, key_hash, window_start)"
    " DO UPDATE SET count = subscriptions_attempt.count + 1 RETURNING count"
)


class Attempt(models.Model):
    """A counter of attempts in a window of time: codes sent to a number, codes typed in a session.

    Stored in the database, so that a lost broker opens no limit. `key_hash` is keyed, never the number.
    """

    what = models.CharField(_("limited action"), max_length=30)
    key_hash = models.BinaryField(max_length=32, editable=False)
    window_start = models.DateTimeField(_("window start"))
    count = models.PositiveIntegerField(_("count"), default=0)

    class Meta:
        verbose_name, verbose_name_plural = _("attempt counter"), _("attempt counters")
        constraints = [
            models.UniqueConstraint(fields=["what", "key_hash", "window_start"], name="attempt_once"),
        ]
        indexes = [models.Index(fields=["window_start"], name="attempt_window")]

    def __str__(self) -> str:
        return row_title(self)

    @classmethod
    def count_one_more(cls, *, what: str, key_hash: bytes, window_start: datetime) -> int:
        """Add one and return the new count, in one statement: concurrent calls never see the same number."""
        with connection.cursor() as cursor:
            cursor.execute(ONE_MORE, [what, key_hash, window_start])
            return int(cursor.fetchone()[0])

    @classmethod
    def times(cls, *, what: str, key_hash: bytes, window_start: datetime) -> int:
        """Return the count of that window."""
        found = cls.objects.filter(what=what, key_hash=key_hash, window_start=window_start)
        return found.values_list("count", flat=True).first() or 0

    @classmethod
    def count_one_less(cls, *, what: str, key_hash: bytes, window_start: datetime) -> None:
        """Subtract one; does nothing where the window is over."""
        row = cls.objects.filter(what=what, key_hash=key_hash, window_start=window_start, count__gt=0)
        row.update(count=models.F("count") - 1)
