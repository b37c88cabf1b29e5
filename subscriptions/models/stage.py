from datetime import time

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from subscriptions.models.channel_choice import CHANNELS
from subscriptions.triggers import TRIGGERS


def open_only() -> list[str]:
    return ["open"]


class Stage(models.Model):
    """One reason to notify a person about a record, for example "three days before the reduction ends"."""

    version = models.ForeignKey("DataTypeVersion", models.CASCADE, related_name="stages", verbose_name=_("version"))
    code = models.SlugField(_("code"), max_length=30)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    label_ko = models.CharField(_("label (Korean)"), max_length=60)
    label_en = models.CharField(_("label (English)"), max_length=80)
    trigger = models.CharField(_("trigger"), max_length=10)
    event = models.CharField(_("event"), max_length=30, blank=True, default="")
    field = models.CharField(_("date field"), max_length=40, blank=True, default="")
    date_slot = models.PositiveSmallIntegerField(_("date column"), null=True, blank=True)
    offset_days = models.SmallIntegerField(_("days after (− before) the date"), default=0)
    send_at = models.TimeField(_("not before (KST)"), default=time(9))
    states = ArrayField(models.CharField(max_length=10), verbose_name=_("record states"), default=open_only)
    urgent = models.BooleanField(_("urgent (any hour)"), default=False)
    told_only = models.BooleanField(_("only to people already notified"), default=False)
    expires_slot = models.PositiveSmallIntegerField(_("date column of expiry"), null=True, blank=True)
    expires_days = models.SmallIntegerField(_("days after it until expiry"), default=0)
    expires_at_event = models.BooleanField(_("expiry at the appointment itself"), default=False)

    class Meta:
        ordering = ["version", "position"]
        verbose_name, verbose_name_plural = _("stage"), _("stages")
        constraints = [
            models.UniqueConstraint(fields=["version", "code"], name="stage_code"),
            models.CheckConstraint(condition=models.Q(trigger__in=list(TRIGGERS)), name="stage_trigger"),
            models.CheckConstraint(
                condition=~models.Q(trigger="date") | models.Q(date_slot__range=(1, 4)), name="stage_date_slot"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version}, {self.label_en if get_language() == 'en' else self.label_ko}"


class MessageTemplate(models.Model):
    """The text of one stage on one channel in one language, with placeholders in Kakao's form #{이름}."""

    stage = models.ForeignKey(Stage, models.CASCADE, related_name="templates", verbose_name=_("stage"))
    channel = models.CharField(_("channel"), max_length=20)
    language = models.CharField(_("language"), max_length=2)
    title = models.CharField(_("title"), max_length=50, blank=True, default="")
    body = models.TextField(_("text"))
    vendor_template = models.CharField(
        _("the vendor's template code"),
        max_length=80,
        blank=True,
        default="",
        help_text=_("Empty: the vendor has not approved it yet, and the channel is skipped."),
    )
    # A code that was proposed for a live template (also none, ""): it counts once another person has approved it.
    proposed_template = models.CharField(_("proposed code"), max_length=80, blank=True, default="", db_default="")
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("proposed by"),
    )

    class Meta:
        ordering = ["stage", "channel", "-language"]
        db_table = "subscriptions_wording"  # the previous release reads it by that name
        verbose_name, verbose_name_plural = _("message template"), _("message templates")
        constraints = [
            models.UniqueConstraint(fields=["stage", "channel", "language"], name="wording_once"),
        ]

    def __str__(self) -> str:
        language = dict(settings.LANGUAGES).get(self.language, self.language)
        return f"{self.stage}, {CHANNELS.get(self.channel, self.channel)}, {language}"

    def in_codes(self) -> str:
        """Return which template it is, the same for every reader: "traffic_fine v1 issued kakaotalk ko"."""
        version = self.stage.version
        place = f"{version.data_type.code} v{version.number} {self.stage.code}"
        return f"{place} {self.channel} {self.language}"


class TemplateVariant(models.Model):
    """A text of a template without some of its lines, as a vendor approved it, or any text at a further provider.

    The text with the most lines has its code of the channel's first provider in the template itself. `key`: the lines
    that are sent (subscriptions.message_templates.Variant.key), behind a further provider's gateway and a colon.
    """

    template = models.ForeignKey(
        MessageTemplate,
        models.CASCADE,
        db_column="wording_id",
        related_name="variants",
        verbose_name=_("message template"),
    )
    key = models.CharField(_("lines"), max_length=300)
    vendor_template = models.CharField(_("the vendor's template code"), max_length=80, blank=True, default="")
    proposed_template = models.CharField(_("proposed code"), max_length=80, blank=True, default="")
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("proposed by"),
    )

    class Meta:
        ordering = ["template", "key"]
        db_table = "subscriptions_wordingvariant"
        verbose_name, verbose_name_plural = _("message template variant"), _("message template variants")
        constraints = [models.UniqueConstraint(fields=["template", "key"], name="wording_variant_once")]

    def __str__(self) -> str:
        return f"{self.template} {self.key}"
