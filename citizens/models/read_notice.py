from django.db import models
from django.utils.translation import gettext_lazy as _


class ReadNotice(models.Model):
    """A notice that its person has opened on the site. No row: it is unread.

    One row a notice, since a notice has one person; where it moves to another row of theirs it stays read.
    """

    # Without constraints in the database: the page that writes it has just read both rows.
    notice = models.OneToOneField(
        "notifications.Notice",
        models.CASCADE,
        primary_key=True,
        db_constraint=False,
        related_name="+",
        verbose_name=_("notice"),
    )
    citizen = models.ForeignKey(
        "subscriptions.Citizen", models.CASCADE, db_constraint=False, related_name="+", verbose_name=_("citizen")
    )
    read_at = models.DateTimeField(_("opened"))

    class Meta:
        ordering = ["-notice"]
        verbose_name, verbose_name_plural = _("notice that was opened"), _("notices that were opened")

    def __str__(self) -> str:
        return f"{self.notice_id}"
