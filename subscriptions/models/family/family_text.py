from django.db import models
from django.utils.translation import gettext_lazy as _

from secretary.kernel.row_titles import row_title

QUESTION, NEWS = "question", "news"
KINDS = {QUESTION: _("whether they agree"), NEWS: _("that there is something to ask about")}
WAITING, SENDING, ACCEPTED, DELIVERED, FAILED, UNKNOWN, DROPPED = (
    *("waiting", "sending", "accepted", "delivered"),
    *("failed", "unknown", "dropped"),
)
STATES = {
    WAITING: _("waiting"),
    SENDING: _("being sent"),
    ACCEPTED: _("sent"),
    DELIVERED: _("arrived"),
    FAILED: _("could not be sent"),
    UNKNOWN: _("perhaps sent; not sent again"),
    DROPPED: _("not needed any more"),
}
SENT = (SENDING, ACCEPTED, DELIVERED, UNKNOWN)  # it may be on their phone


class FamilyText(models.Model):
    """A text message to a family member: the question, or the news about one case. What it says is kept nowhere.

    One for a case (the notice that did not reach the senior), whatever came of it.
    """

    member = models.ForeignKey(
        "FamilyMember", models.CASCADE, related_name="texts", db_index=False, verbose_name=_("family member")
    )
    kind = models.CharField(_("kind"), max_length=8)
    notice_id = models.BigIntegerField(_("notice"), null=True)
    state = models.CharField(_("state"), max_length=9, default=WAITING)
    code = models.CharField(_("the gateway's code"), max_length=40, default="")
    vendor_id = models.CharField(_("the gateway's number"), max_length=100, default="")
    tries = models.SmallIntegerField(_("tries"), default=0)
    created_at = models.DateTimeField(_("created"))
    not_before = models.DateTimeField(_("not before"))
    sent_at = models.DateTimeField(_("sent"), null=True)

    class Meta:
        ordering = ["-id"]
        verbose_name, verbose_name_plural = _("text message to a family member"), _("text messages to family members")
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=list(STATES)), name="family_text_state"),
            models.CheckConstraint(
                condition=models.Q(kind=QUESTION, notice_id__isnull=True)
                | models.Q(kind=NEWS, notice_id__isnull=False),
                name="family_text_kind",
            ),
            models.UniqueConstraint(fields=["member", "notice_id"], name="family_text_once"),
            models.UniqueConstraint(
                fields=["member"], condition=models.Q(kind=QUESTION), name="family_text_one_question"
            ),
        ]
        indexes = [
            models.Index(
                fields=["not_before"], condition=models.Q(state__in=[WAITING, SENDING]), name="family_text_waiting"
            ),
        ]

    def __str__(self) -> str:
        return row_title(self)

    @property
    def reference(self) -> str:
        """Return the reference by which the gateway knows it; no delivery has one like it."""
        return f"family-{self.pk}-{self.tries}"
