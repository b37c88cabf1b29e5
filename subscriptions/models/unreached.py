from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from secretary.kernel.row_titles import row_title
from subscriptions.models.contact import Contact

REASONS = {
    "no_channel": _("none of the chosen channels can be used"),
    "all_channels_failed": _("it failed on every channel"),
}
# The address that a channel needs of a person; `cc` is the alias of their choice.
ADDRESS_KIND = f"CASE cc.channel WHEN 'toss' THEN '{Contact.TOSS_USER_KEY}' ELSE '{Contact.PHONE}' END"


class Unreached(models.Model):
    """A person whom one notice did not reach on any channel, or (without a notice) whom none could reach. Small: a
    person who is reached, or has another number or other channels, has no such row any more.

    A trigger on the notice writes it. Failures only insert rows, so that two claims cannot wait for each other here.
    """

    # Without a constraint in the database: older code, which does not delete these rows, may remove a person.
    citizen = models.ForeignKey(
        "Citizen", models.CASCADE, db_constraint=False, related_name="unreached", verbose_name=_("citizen")
    )
    at = models.DateTimeField(_("since"))
    reason = models.CharField(_("reason"), max_length=40)
    notice_id = models.BigIntegerField(_("notice"), null=True, blank=True)
    # When the person's reach was last checked (notifications/operations/watch_reach.py).
    looked_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["-id"]
        verbose_name, verbose_name_plural = _("person whom no channel reaches"), _("people whom no channel reaches")
        indexes = [models.Index(fields=["looked_at"], name="unreached_to_look_at")]

    def __str__(self) -> str:
        return row_title(self)

    @property
    def reason_words(self) -> str:
        return str(REASONS.get(self.reason, self.reason))
