from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from notifications.models.of_service import trial_message
from notifications.states import WAITING, YEARLY_MOVES
from secretary.kernel.database.transitions import moves_only_forward
from secretary.kernel.row_titles import row_title

# Check codes are made of numbers of 40 bits. The last quarter is of yearly messages.
FIRST_NUMBER = trial_message.FIRST_NUMBER + (1 << 38)


class YearlyRun(models.Model):
    """The yearly message of one year: how far the people are listed, and what came of theirs."""

    # Of its first day in Korea (YEARLY_MESSAGE_DAY).
    year = models.SmallIntegerField(_("year"), primary_key=True)
    begun_at = models.DateTimeField(_("begun"))
    # The last person, in order of ids, who was looked at.
    after = models.UUIDField(null=True, editable=False)
    people = models.IntegerField(_("people"), default=0)
    listed_at = models.DateTimeField(_("everyone listed"), null=True, blank=True)
    # State → how many, as counted last.
    counts = models.JSONField(_("outcomes"), default=dict)
    counted_at = models.DateTimeField(_("counted"), null=True, blank=True)

    class Meta:
        ordering = ["-year"]
        verbose_name, verbose_name_plural = _("yearly message"), _("yearly messages")

    def __str__(self) -> str:
        return row_title(self)


class YearlyMessage(models.Model):
    """What one person was sent in one year of what their data is used for (개인정보 보호법 §20의2).

    No notice: of no record. Kept until the person is erased: that they were notified, when and how (시행령 §15의2④).
    """

    # Without constraints in the database, as deliveries: rows go with their person.
    citizen = models.ForeignKey(
        "subscriptions.Citizen",
        models.CASCADE,
        db_constraint=False,
        db_index=False,
        related_name="+",
        verbose_name=_("citizen"),
    )
    year = models.SmallIntegerField(_("year"))
    state = models.CharField(_("state"), max_length=10, default=WAITING)
    # Why it waits, or has ended without being sent. A gateway's is in `code`.
    reason = models.CharField(_("reason"), max_length=20, blank=True, default="")
    # The newest attempt. Those before it failed for certain: `tried` has their channels, each once it is given up.
    attempts = models.SmallIntegerField(_("attempts"), default=0)
    tried = ArrayField(models.CharField(max_length=20), verbose_name=_("channels that failed"), default=list)
    channel = models.CharField(_("channel"), max_length=20, blank=True, default="")
    gateway = models.CharField(_("gateway"), max_length=20, blank=True, default="")
    template = models.ForeignKey(
        "subscriptions.MessageTemplate",
        models.PROTECT,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
        verbose_name=_("message template"),
    )
    code = models.CharField(_("gateway code"), max_length=40, blank=True, default="")
    batch_key = models.CharField(_("batch key"), max_length=32, blank=True, default="")
    vendor_id = models.CharField(_("gateway message id"), max_length=80, blank=True, default="")
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    # When a worker looks at it: when it may go; then at the end of the lease; later it polls the gateway.
    look_at = models.DateTimeField(_("next look"), null=True, blank=True)
    polls = models.SmallIntegerField(_("polls"), default=0)
    # How often it has waited for the hour of a person in calm mode.
    waited = models.SmallIntegerField(_("waited in calm mode"), default=0)

    class Meta:
        ordering = ["-id"]
        verbose_name, verbose_name_plural = _("yearly message to a person"), _("yearly messages to people")
        constraints = [
            models.UniqueConstraint(fields=["citizen", "year"], name="yearly_once"),
            models.CheckConstraint(condition=models.Q(state__in=list(YEARLY_MOVES)), name="yearly_state"),
        ]
        indexes = [
            models.Index(fields=["look_at", "id"], condition=models.Q(state=WAITING), name="yearly_waiting"),
            models.Index(
                fields=["look_at"],
                condition=models.Q(state__in=["sending", "sent", "unknown"], look_at__isnull=False),
                name="yearly_to_poll",
            ),
            models.Index(fields=["year", "state"], name="yearly_outcomes"),
        ]
        triggers = [moves_only_forward("yearly_moves", YEARLY_MOVES)]

    def __str__(self) -> str:
        return row_title(self)

    @property
    def number(self) -> int:
        """Return the number of which its check code is made."""
        return FIRST_NUMBER + self.pk


class YearlyRefusal(models.Model):
    """A person who does not want the yearly message (시행령 §15의3②1). Goes when they want it again."""

    citizen = models.OneToOneField(
        "subscriptions.Citizen",
        models.CASCADE,
        primary_key=True,
        db_constraint=False,
        related_name="+",
        verbose_name=_("citizen"),
    )
    refused_at = models.DateTimeField(_("refused"))

    class Meta:
        verbose_name, verbose_name_plural = _("refusal of the yearly message"), _("refusals of the yearly message")

    def __str__(self) -> str:
        return row_title(self)
