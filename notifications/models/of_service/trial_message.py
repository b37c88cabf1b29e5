from datetime import datetime, timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

from notifications.states import SENDING, TRIAL_MOVES, UNKNOWN, WAITING
from secretary.kernel.database.transitions import moves_only_forward
from secretary.kernel.row_titles import row_title

# Check codes are made of numbers of 40 bits. The upper half is of test messages: no notice has such a number.
FIRST_NUMBER = 1 << 39
# A person who has asked for one looks at the page: what does not leave within so long is not sent any more, and one
# whose outcome is unknown for so long is no reason to refuse another.
WAITS = timedelta(minutes=10)


class TrialMessage(models.Model):
    """A test message that a person has sent to themselves, by their first channel and no other (notifications/trials).

    No notice: of no record, of no cause, sent once and never again by itself.
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
    channel = models.CharField(_("channel"), max_length=20)
    # Of the provider that it was given last; "" where none was, or by the code of 148511c and soon after it.
    gateway = models.CharField(_("gateway"), max_length=20, blank=True, default="", db_default="")
    template = models.ForeignKey(
        "subscriptions.MessageTemplate",
        models.PROTECT,
        db_constraint=False,
        db_index=False,
        related_name="+",
        verbose_name=_("message template"),
    )
    state = models.CharField(_("state"), max_length=10, default=WAITING)
    code = models.CharField(_("gateway code"), max_length=40, blank=True, default="")
    vendor_id = models.CharField(_("gateway message id"), max_length=80, blank=True, default="")
    asked_at = models.DateTimeField(_("asked for"))
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    # When a worker looks at it: at once while it waits; then at the end of the lease; later it polls the gateway.
    look_at = models.DateTimeField(_("poll at"), null=True, blank=True)
    polls = models.SmallIntegerField(_("polls"), default=0)

    class Meta:
        ordering = ["-id"]
        verbose_name, verbose_name_plural = _("test message"), _("test messages")
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=list(TRIAL_MOVES)), name="trial_state"),
        ]
        indexes = [
            models.Index(fields=["citizen", "-id"], name="trial_of_citizen"),
            models.Index(fields=["look_at"], condition=models.Q(look_at__isnull=False), name="trial_to_look_after"),
        ]
        triggers = [moves_only_forward("trial_moves", TRIAL_MOVES)]

    def __str__(self) -> str:
        return row_title(self)

    @property
    def number(self) -> int:
        """Return the number of which its check code is made."""
        return FIRST_NUMBER + self.pk

    def is_open(self, now: datetime) -> bool:
        """Return whether it may still arrive, so that no other one is sent meanwhile."""
        return self.state in (WAITING, SENDING, UNKNOWN) and now - self.asked_at < WAITS
