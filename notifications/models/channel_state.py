from datetime import datetime

from django.db import models
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from notifications.gateway_names import gateway_name
from secretary.kernel.row_titles import row_title
from subscriptions.models.channel_choice import CHANNELS

PAUSED_BY_STAFF = "paused_by_staff"  # rerouted: notices go to the next channel that their person chose
HELD_BY_STAFF = "held_by_staff"  # notices wait for the channel until the set time
OF_STAFF = (PAUSED_BY_STAFF, HELD_BY_STAFF)
# By the outage autopilot (docs/adr/0061): as PAUSED_BY_STAFF, but for the people of its share.
REROUTED_BY_AUTOPILOT = "rerouted_by_autopilot"
REROUTED = (PAUSED_BY_STAFF, REROUTED_BY_AUTOPILOT)
# A person belongs to the share of every higher percentage too, with all their notices.
IN_SHARE = "(uuid_hash(n.citizen_id) & 1023) * 100 < {share} * 1024"


class ChannelState(models.Model):
    """The health of one channel, shared by all workers: the breaker opens by error rate, not by count."""

    channel = models.CharField(_("channel"), max_length=20, primary_key=True)
    paused_until = models.DateTimeField(_("paused until"), null=True, blank=True)
    # A gateway's code where the breaker opened, for a short time; or one of OF_STAFF, or REROUTED_BY_AUTOPILOT.
    reason = models.CharField(_("reason"), max_length=60, blank=True, default="")
    # Set when an operator changes or ends a pause, until all notices that waited for it are released (free_waiting.py).
    resumed_at = models.DateTimeField(null=True, editable=False)
    # When the breaker first opened, of pauses that follow one another.
    dark_since = models.DateTimeField(_("dark since"), null=True, editable=False)
    # Of the outage autopilot: percentage of people whose notices use the channel again, and when it decides next.
    share = models.PositiveSmallIntegerField(_("share in use"), default=0, db_default=0)
    step_at = models.DateTimeField(_("next step"), null=True, editable=False)
    kept_until = models.DateTimeField(_("not rerouted by itself until"), null=True, editable=False)  # by an operator
    # Decaying counts of messages sent and of those that the gateway could not accept.
    handed = models.FloatField(default=0)
    troubled = models.FloatField(default=0)
    changed_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name, verbose_name_plural = _("channel"), _("channels")

    def __str__(self) -> str:
        return str(CHANNELS.get(self.channel, self.channel))

    def is_paused(self, now: datetime) -> bool:
        return self.paused_until is not None and self.paused_until > now

    def use_again(self) -> None:
        """Forget its pause and what led to it. The caller saves it."""
        self.paused_until = self.dark_since = self.step_at = self.kept_until = None
        self.reason, self.share, self.handed, self.troubled = "", 0, 0.0, 0.0

    def in_words(self, now: datetime) -> str:
        """Return whether it is in use, and otherwise who paused it and until when."""
        if self.paused_until is None or not self.is_paused(now):
            if self.kept_until is not None and self.kept_until > now:
                return gettext("in use, and not rerouted by itself until %(time)s") % _time(self.kept_until)
            return gettext("in use")
        if self.reason == REROUTED_BY_AUTOPILOT and self.step_at is not None:
            if self.share:
                words = gettext("coming back: used for %(share)d %% of people; next step at %(time)s")
                return words % {"share": self.share, **_time(self.step_at)}
            return gettext("rerouted by itself; tried again at %(time)s") % _time(self.step_at)
        words = {
            PAUSED_BY_STAFF: gettext("rerouted until %(time)s"),
            HELD_BY_STAFF: gettext("held until %(time)s"),
        }.get(self.reason, gettext("paused by its breaker until %(time)s"))
        return words % _time(self.paused_until)


def _time(at: datetime) -> dict[str, str]:
    return {"time": f"{localtime(at):%m-%d %H:%M}"}


class ProviderState(models.Model):
    """The health of one provider of a channel that has several, and what a provider with a pace or a cap was given."""

    gateway = models.CharField(_("gateway"), max_length=20, primary_key=True)
    channel = models.CharField(_("channel"), max_length=20)
    # Set when its breaker opens, and left when it closes: a provider that was dark gets a few messages at a time first.
    paused_until = models.DateTimeField(_("paused until"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=60, blank=True, default="")
    # Decaying counts of messages handed over and of those that it could not accept, since its breaker last opened.
    handed = models.FloatField(default=0)
    troubled = models.FloatField(default=0)
    # What it may be given now, by its pace in messages per second, as of that time.
    allowance = models.FloatField(default=0, db_default=0)
    allowed_at = models.DateTimeField(null=True, editable=False)
    # What it was given on that day of Korea, by its daily cap.
    day = models.DateField(_("day"), null=True, blank=True)
    given = models.PositiveIntegerField(_("messages of the day"), default=0, db_default=0)
    changed_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name, verbose_name_plural = _("message provider"), _("message providers")

    def __str__(self) -> str:
        return gateway_name(self.gateway)

    def in_words(self, now: datetime) -> str:
        if self.paused_until is None or self.paused_until <= now:
            return gettext("in use")
        return gettext("paused by its breaker until %(time)s") % _time(self.paused_until)


class TemplateStop(models.Model):
    """A template that a gateway refuses. That gateway is not given it until an administrator clears the stop."""

    template = models.ForeignKey(
        "subscriptions.MessageTemplate",
        models.CASCADE,
        db_column="wording_id",
        related_name="stops",
        verbose_name=_("message template"),
    )
    # "": of every provider of its channel; the previous release writes such.
    gateway = models.CharField(_("gateway"), max_length=20, blank=True, default="", db_default="")
    code = models.CharField(_("gateway code"), max_length=40)
    stopped_at = models.DateTimeField(_("stopped"))
    cleared_at = models.DateTimeField(_("cleared"), null=True, blank=True)

    class Meta:
        ordering = ["-stopped_at"]
        db_table = "notifications_wordingstop"  # the previous release reads and writes these tables by their names
        verbose_name, verbose_name_plural = _("stopped message template"), _("stopped message templates")
        constraints = [
            models.UniqueConstraint(
                fields=["template", "gateway"],
                condition=models.Q(cleared_at__isnull=True),
                name="wording_stopped_once_there",
            ),
        ]

    def __str__(self) -> str:
        return row_title(self)


class TemplateComplaint(models.Model):
    """A gateway rejected a value of this record in this template. One record is no reason to stop a template."""

    # Without constraints in the database: these rows are temporary and must not keep other rows from being removed.
    template = models.ForeignKey(
        "subscriptions.MessageTemplate",
        models.CASCADE,
        db_column="wording_id",
        db_constraint=False,
        db_index=False,
        related_name="+",
        verbose_name=_("message template"),
    )
    record = models.ForeignKey(
        "Record", models.CASCADE, db_constraint=False, db_index=False, related_name="+", verbose_name=_("record")
    )
    gateway = models.CharField(_("gateway"), max_length=20, blank=True, default="", db_default="")  # the newest one
    code = models.CharField(_("gateway code"), max_length=40)
    said_at = models.DateTimeField(_("reported at"))

    class Meta:
        db_table = "notifications_wordingcomplaint"
        verbose_name, verbose_name_plural = _("unfit value"), _("unfit values")
        constraints = [models.UniqueConstraint(fields=["template", "record"], name="wording_complaint_once")]

    def __str__(self) -> str:
        return row_title(self)


class TemplateTrouble(models.Model):
    """A template whose messages all fail at present (breaker.py). Its first success removes the row."""

    template = models.OneToOneField(
        "subscriptions.MessageTemplate",
        models.CASCADE,
        db_column="wording_id",
        primary_key=True,
        db_constraint=False,
        related_name="+",
        verbose_name=_("message template"),
    )
    channel = models.CharField(_("channel"), max_length=20)
    # The provider where they fail, of a channel that has several; a template fails at one of them at a time.
    gateway = models.CharField(_("gateway"), max_length=20, blank=True, default="", db_default="")
    messages = models.PositiveIntegerField(_("failed messages"))
    rounds = models.PositiveIntegerField(_("failed batches"))
    # Since its last failed batch, over all batches: counts of templates that succeeded, and of others that failed.
    others_well = models.PositiveIntegerField(_("others that succeeded"), default=0)
    others_troubled = models.PositiveIntegerField(_("others that failed"), default=0)
    changed_at = models.DateTimeField(_("last failure"))

    class Meta:
        db_table = "notifications_wordingtrouble"
        verbose_name, verbose_name_plural = _("failing message template"), _("failing message templates")

    def __str__(self) -> str:
        return row_title(self)
