from django.db import models
from django.utils.translation import gettext_lazy as _

from secretary.kernel.row_titles import row_title

REACHED, NO_ANSWER, WRONG_NUMBER, LEAVE_ALONE = "reached", "no_answer", "wrong_number", "leave_alone"
OUTCOMES = {
    REACHED: _("Spoke with the person"),
    NO_ANSWER: _("No answer"),
    WRONG_NUMBER: _("Wrong number, or another person's"),
    LEAVE_ALONE: _("Asked to be called no more: the consent is withdrawn"),
}


class OfficeCall(models.Model):
    """A call of an office to a senior whom an urgent notice had not reached. One row a call, which is
    never changed, but follows a person whose two rows are merged.

    Who is to be called is not stored: it follows from notices, consents and these rows
    (citizens/office_calls/call_list.py).
    """

    citizen = models.ForeignKey("subscriptions.Citizen", models.CASCADE, related_name="+", verbose_name=_("citizen"))
    office = models.ForeignKey(
        "subscriptions.Office", models.PROTECT, db_index=False, related_name="+", verbose_name=_("office")
    )
    notice_id = models.BigIntegerField(_("notice"))
    called_at = models.DateTimeField(_("called"))
    outcome = models.CharField(_("outcome"), max_length=15)
    next_call_on = models.DateField(_("to be called again on"), null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        verbose_name, verbose_name_plural = _("call of an office"), _("calls of offices")
        constraints = [
            models.CheckConstraint(condition=models.Q(outcome__in=list(OUTCOMES)), name="office_call_outcome"),
            models.CheckConstraint(
                condition=models.Q(outcome=NO_ANSWER) | models.Q(next_call_on__isnull=True), name="office_call_again"
            ),
        ]

    def __str__(self) -> str:
        return row_title(self)
