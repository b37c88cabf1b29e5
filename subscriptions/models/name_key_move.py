from django.db import models
from django.utils.translation import gettext_lazy as _


class NameKeyMove(models.Model):
    """The progress of `manage.py move_name_keys`, so that it continues where it was stopped. One row at most."""

    # The last person, in order of ids, whose keys were moved.
    after = models.UUIDField(null=True)
    looked_at = models.PositiveIntegerField(_("people checked"), default=0)
    moved = models.PositiveIntegerField(_("people with a new key"), default=0)
    merged = models.PositiveIntegerField(_("duplicate people"), default=0)
    finished_at = models.DateTimeField(_("finished"), null=True)

    class Meta:
        verbose_name, verbose_name_plural = _("name key move"), _("name key moves")

    def __str__(self) -> str:
        return f"{self.looked_at} {self.moved} {self.merged}"
