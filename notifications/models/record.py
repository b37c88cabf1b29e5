from typing import Any
from uuid import UUID

import orjson
import pgtrigger
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.expressions import Combinable
from django.db.models.functions import Greatest
from django.utils.translation import gettext_lazy as _

from secretary.kernel.secrets.encryption import cipher
from subscriptions.models import CitizenKey
from subscriptions.triggers import STATES

# In place of a foreign key on the notice, which would cost every INSERT: a record is never deleted.
NOTIFIED_STAYS = pgtrigger.Trigger(
    name="record_with_notices_stays",
    when=pgtrigger.Before,
    operation=pgtrigger.Delete,
    func="IF EXISTS (SELECT FROM notifications_notice n WHERE n.record_id = OLD.id) THEN"
    " RAISE EXCEPTION 'record % has notices', OLD.id USING ERRCODE = 'foreign_key_violation'; END IF; RETURN OLD;",
)

OPENED = "opened"  # of an instance: its two encrypted columns, and the fields in them


class Record(models.Model):
    """행정정보: an agency's data about one person, in the newest version.

    Columns that matching needs are clear; all else is in one encrypted JSON column, bound to agency and number.
    """

    # Objected: the agency reports an objection (질서위반행위규제법 §20). `objected_at` is our own pause.
    OPEN, PAID, COMPLETED, WITHDRAWN, OBJECTED = STATES

    # Agency and data type without constraints in the database: the writing statement reads them from their own tables,
    # neither is ever deleted, and checking them again cost a quarter of writing a record.
    agency = models.ForeignKey(
        "subscriptions.Agency",
        models.PROTECT,
        related_name="records",
        db_index=False,
        db_constraint=False,
        verbose_name=_("agency"),
    )
    external_id = models.CharField(_("the agency's number"), max_length=64)
    data_type = models.ForeignKey(
        "subscriptions.DataType",
        models.PROTECT,
        related_name="records",
        db_index=False,
        db_constraint=False,
        verbose_name=_("data type"),
    )
    batch = models.ForeignKey(
        "IngestBatch", models.DO_NOTHING, db_constraint=False, related_name="records_now", verbose_name=_("batch")
    )
    version = models.PositiveIntegerField(_("version"))
    state = models.CharField(_("state"), max_length=10)
    event = models.CharField(_("event"), max_length=30)
    # Keyed hashes of the CI and of name + birth date + phone (secretary.kernel.persons.blind_index).
    ci_hash = models.BinaryField(max_length=32, null=True, editable=False)
    person_hash = models.BinaryField(max_length=32, null=True, editable=False)
    # The version in which one of the two last changed (0: never since the first). Set by the intake. These are no
    # positive fields: adding a column with a check scans a large table under a lock.
    subject_version = models.IntegerField(default=0, db_default=0)
    # The version in which the present state began, and the present event (0: with the first). Both are part of a
    # notice's cause, so that a state which returns is notified again (notifications/matching/news.py).
    state_version = models.IntegerField(default=0, db_default=0)
    event_version = models.IntegerField(default=0, db_default=0)
    date_1 = models.DateField(null=True)
    date_2 = models.DateField(null=True)
    date_3 = models.DateField(null=True)
    date_4 = models.DateField(null=True)
    happens_at = models.DateTimeField(_("event time"), null=True)
    # The version in which an announced field last changed (0: never since the first).
    changed_version = models.PositiveIntegerField(default=0)
    announce_digest = models.BinaryField(max_length=16, editable=False)
    # Keyed digest of all of the agency's content, and its version. Another version than the record's: the previous
    # release wrote the record, and the digest of its content is not known.
    content_digest = models.BinaryField(max_length=20, null=True, editable=False)
    digest_version = models.IntegerField(default=0, db_default=0)
    payload_encrypted = models.BinaryField(editable=False)
    # Fields that a payment here adds (amount, receipt number): no feed overwrites them.
    told_encrypted = models.BinaryField(null=True, editable=False)
    # Paid through this service: until a refund, no older version of the agency opens the record again.
    paid_here_at = models.DateTimeField(_("paid here"), null=True, blank=True)
    # The person has paused its reminders ("not my car"). A pause files nothing, and reminders of a deadline go on.
    objected_at = models.DateTimeField(_("reminders paused"), null=True, blank=True)
    first_seen_at = models.DateTimeField(_("first read at"))
    received_at = models.DateTimeField(_("read"))

    class Meta:
        verbose_name, verbose_name_plural = _("record"), _("records")
        constraints = [
            models.UniqueConstraint(fields=["agency", "external_id"], name="record_once"),
            models.CheckConstraint(
                condition=models.Q(state__in=list(STATES)),
                name="record_state",
            ),
            models.CheckConstraint(
                condition=models.Q(ci_hash__isnull=False) | models.Q(person_hash__isnull=False), name="record_subject"
            ),
        ]
        indexes = [
            models.Index(fields=["ci_hash"], condition=models.Q(ci_hash__isnull=False), name="record_ci"),
            models.Index(fields=["person_hash"], condition=models.Q(person_hash__isnull=False), name="record_person"),
            *(
                models.Index(
                    fields=[f"date_{slot}", "data_type"],
                    condition=models.Q(**{f"date_{slot}__isnull": False}),
                    name=f"record_date_{slot}",
                )
                for slot in (1, 2, 3, 4)
            ),
        ]
        triggers = [NOTIFIED_STAYS]

    def __str__(self) -> str:
        return f"{self.agency_id} {self.external_id}"

    @staticmethod
    def begins() -> dict[str, Combinable]:
        """Return SQL for an UPDATE that changes the state without a new version of the agency: the state's beginning.

        Greater than the beginning of the last one, so that a state which returns is news.
        """
        return {"state_version": Greatest(F("version"), F("state_version") + 1)}

    @staticmethod
    def payload_bound_to(agency_code: str, external_id: str) -> str:
        return f"record:{agency_code}:{external_id}"

    @classmethod
    def notified_bound_to(cls, agency_code: str, external_id: str) -> str:
        """Return another identity than the payload's, so that the two encrypted columns cannot be swapped."""
        return f"{cls.payload_bound_to(agency_code, external_id)}:told"

    @property
    def payload(self) -> dict[str, Any]:
        """The fields of the record, as its data type describes them; kept encrypted.

        A page asks for them several times: they are opened once for the two columns as this instance has them.
        """
        columns = self.payload_encrypted, self.told_encrypted
        opened = self.__dict__.get(OPENED)
        if opened is None or opened[0] is not columns[0] or opened[1] is not columns[1]:
            fields = self.open_payload(*columns, self.agency.code, self.external_id)
            opened = self.__dict__[OPENED] = (*columns, fields)
        return dict(opened[2])

    @classmethod
    def open_payload(
        cls, payload: bytes | memoryview, notified: bytes | memoryview | None, agency_code: str, external_id: str
    ) -> dict[str, Any]:
        """Return the decrypted fields; those that a payment here added override the agency's."""
        row = agency_code, external_id
        fields: dict[str, Any] = orjson.loads(cipher().decrypt(bytes(payload), bound_to=cls.payload_bound_to(*row)))
        if notified is not None:
            fields |= orjson.loads(cipher().decrypt(bytes(notified), bound_to=cls.notified_bound_to(*row)))
        return fields


# Whether a record is about a person NOW: every reader of a record asks by one of these three. It is about the person
# who holds one of its two keys, and both sides change: the agency corrects the person of a record, and keys move to the
# row of the person who has proved their identity (subscriptions/enrolment/people.py).
def about_sql(*, record: str, citizen: str) -> str:
    """Return the condition as SQL: `record` is the alias of a record's row, `citizen` an expression for the person."""
    return (
        "EXISTS (SELECT 1 FROM subscriptions_citizenkey ck"  # noqa: S608  (names in our own statements)
        f" WHERE ck.key_hash IN ({record}.ci_hash, {record}.person_hash) AND ck.citizen_id = {citizen})"
    )


def about(citizen_id: UUID) -> Exists:
    """Return the same for a QuerySet of records and one person."""
    keys = Q(key_hash=OuterRef("ci_hash")) | Q(key_hash=OuterRef("person_hash"))
    return Exists(CitizenKey.objects.filter(keys, citizen=citizen_id))


def is_about(*, record: str = "record__", citizen: str = "citizen") -> Exists:
    """Return the same for QuerySets: `record` is the path to the record with its `__`, `citizen` the path to the
    person."""
    keys = Q(key_hash=OuterRef(f"{record}ci_hash")) | Q(key_hash=OuterRef(f"{record}person_hash"))
    return Exists(CitizenKey.objects.filter(keys, citizen=OuterRef(citizen)))
