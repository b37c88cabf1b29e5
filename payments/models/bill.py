from django.db import models
from django.utils.translation import gettext_lazy as _

from notifications.models.record import is_about
from payments.states import BILL_MOVES
from secretary.kernel.database.transitions import moves_only_forward
from secretary.kernel.row_titles import row_title


class Bill(models.Model):
    """One debt of one person as an agency's record states it. What it costs is in no column: quotes state that.

    An agency corrects whom a record is about. Then the former person's bill ends and the other one gets their own: a
    record has one bill per person over time, and one that is open at any time.
    """

    record = models.ForeignKey(
        "notifications.Record", models.PROTECT, db_index=False, related_name="bills", verbose_name=_("record")
    )
    citizen = models.ForeignKey(
        "subscriptions.Citizen", models.PROTECT, related_name="bills", verbose_name=_("citizen")
    )
    # The key by which the record was found to be about the person. Where it moves to another row of theirs
    # (subscriptions/enrolment/people.py), the bill goes along; where the record changes its person, it does not.
    key = models.ForeignKey(
        "subscriptions.CitizenKey",
        models.DO_NOTHING,
        null=True,
        editable=False,
        db_index=False,
        db_constraint=False,
        related_name="+",
    )
    tariff = models.CharField(_("tariff"), max_length=40)
    # What bills about the same debt share, as a keyed hash (payments/bills/debts.py).
    debt = models.CharField(_("debt"), max_length=140, editable=False)
    state = models.CharField(_("state"), max_length=15, default="open")
    reason = models.CharField(_("reason"), max_length=40, blank=True, default="")
    opened_at = models.DateTimeField(_("opened"))
    changed_at = models.DateTimeField(_("changed"))
    # The record's version that `debt`, `key` and `state` follow; another one: the bill is behind (follow_records.py).
    seen_version = models.IntegerField(null=True, editable=False)
    # After an error, by the database's clock: when it is followed again, and how often that has failed.
    follow_at = models.DateTimeField(null=True, editable=False)
    failed = models.SmallIntegerField(default=0, db_default=0, editable=False)
    # The agency's biller does not know what its feed has sent: nothing can be paid until it does (close_bill.py).
    unknown_since = models.DateTimeField(_("unknown to the agency since"), null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        verbose_name, verbose_name_plural = _("bill"), _("bills")
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=list(BILL_MOVES)), name="bill_state"),
            models.UniqueConstraint(fields=["record", "citizen"], name="bill_once_per_person"),
            models.UniqueConstraint(fields=["record"], condition=models.Q(state="open"), name="bill_open_once"),
        ]
        indexes = [
            models.Index(fields=["citizen", "-id"], name="bill_of_citizen"),
            models.Index(fields=["debt"], name="bill_of_debt"),
            models.Index(fields=["key"], condition=models.Q(key__isnull=False), name="bill_of_key"),
        ]
        triggers = [moves_only_forward("bill_moves", BILL_MOVES)]

    def __str__(self) -> str:
        return row_title(self)

    @property
    def is_theirs(self) -> bool:
        """Whether its record is about its person now: as it was read together with the record (`with_about`), or
        queried at this moment. Where it is not, nothing of the record is theirs to see or to pay."""
        known: bool | None = self.__dict__.get("about")
        return Bill.objects.filter(is_about(), pk=self.pk).exists() if known is None else known

    @classmethod
    def with_about(cls) -> models.QuerySet["Bill"]:
        """Return bills annotated with whether they are theirs, in one statement."""
        return cls.objects.annotate(about=is_about())
