from django.db import models
from django.utils.translation import gettext_lazy as _


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
        return f"{self.alarm_id} {self.recipient}"
