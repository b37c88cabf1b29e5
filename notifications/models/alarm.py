from django.db import models
from django.utils.translation import gettext_lazy as _

from notifications.alarm_words import place_words, words_of
from secretary.kernel.row_titles import row_title


class Alarm(models.Model):
    """An alarm for the operators. One open alarm per kind and subject."""

    kind = models.CharField(_("kind"), max_length=40)
    subject = models.CharField(_("subject"), max_length=80)
    message = models.CharField(_("message"), max_length=300)
    raised_at = models.DateTimeField(_("raised"))
    times = models.PositiveIntegerField(_("times"), default=1)
    cleared_at = models.DateTimeField(_("cleared"), null=True, blank=True)

    class Meta:
        ordering = ["-raised_at"]
        verbose_name, verbose_name_plural = _("alarm"), _("alarms")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject"], condition=models.Q(cleared_at__isnull=True), name="alarm_open_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}: {self.place}"

    @property
    def title(self) -> str:
        """Return what its kind means, in the reader's language."""
        return str(words_of(self.kind).title)

    @property
    def place(self) -> str:
        """Return what it is about, in the reader's language."""
        return place_words(self.subject)

    @property
    def remedy(self) -> str:
        return str(words_of(self.kind).remedy)


class AlarmMessage(models.Model):
    """One recipient has been informed of one alarm. Written once the mail server or the webhook has accepted it."""

    alarm = models.ForeignKey("Alarm", models.CASCADE, related_name="messages", verbose_name=_("alarm"))
    recipient = models.CharField(_("recipient"), max_length=32)  # `Recipient.code`: an address is in the settings alone
    sent_at = models.DateTimeField(_("last sent"))
    ended_at = models.DateTimeField(_("end sent"), null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("sent alarm"), _("sent alarms")
        constraints = [models.UniqueConstraint(fields=["alarm", "recipient"], name="alarm_sent_once")]
        indexes = [
            models.Index(fields=["recipient"], condition=models.Q(ended_at__isnull=True), name="alarm_message_open")
        ]

    def __str__(self) -> str:
        return row_title(self)
