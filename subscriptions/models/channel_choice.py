import pghistory
from django.db import models
from django.utils.translation import gettext_lazy as _

from secretary.kernel.row_titles import row_title

CHANNELS = {
    "kakaotalk": _("KakaoTalk"),
    "naver": _("Naver"),
    "toss": _("Toss"),
    "sms": _("Text message"),
}


@pghistory.track()
class ChannelChoice(models.Model):
    """A channel that a person chose, and its place in their order (1 is tried first)."""

    citizen = models.ForeignKey("Citizen", models.CASCADE, related_name="channels", verbose_name=_("citizen"))
    channel = models.CharField(_("channel"), max_length=20)
    position = models.PositiveSmallIntegerField(_("preference order"))

    class Meta:
        ordering = ["citizen", "position"]
        verbose_name, verbose_name_plural = _("channel choice"), _("channel choices")
        constraints = [
            models.UniqueConstraint(fields=["citizen", "channel"], name="channel_once"),
            models.UniqueConstraint(
                fields=["citizen", "position"], name="channel_position", deferrable=models.Deferrable.DEFERRED
            ),
        ]

    def __str__(self) -> str:
        return row_title(self)
