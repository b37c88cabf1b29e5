import secrets
from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _

from secretary.kernel.audit.audit import record_audit
from secretary.kernel.persons.blind_index import blind_index, phone_index
from secretary.kernel.row_titles import row_title
from secretary.kernel.secrets.encryption import decrypt_text, encrypt_text

from .family_text import DROPPED, WAITING, FamilyText

ASKED, AGREED, DECLINED, EXPIRED, ENDED = "asked", "agreed", "declined", "expired", "ended"
STATES = {
    ASKED: _("asked, no answer yet"),
    AGREED: _("agreed"),
    DECLINED: _("does not want it"),
    EXPIRED: _("did not answer in time"),
    ENDED: _("ended"),
}
LIVE = (ASKED, AGREED)


def new_mark() -> str:
    return secrets.token_hex(16)


class FamilyMembers(models.QuerySet["FamilyMember"]):
    def live(self) -> "FamilyMembers":
        return self.filter(state__in=LIVE)

    def end(self, *, actor: str, now: datetime, state: str = ENDED) -> int:
        """End those that are live, and drop what waits for them; return how many. Joins the caller's transaction.

        The rows are locked, so that a message that a worker takes up at this moment is taken before or not at all.
        """
        action = {DECLINED: "family.declined", EXPIRED: "family.expired", ENDED: "family.ended"}[state]
        rows = list(self.live().select_for_update(of=("self",)).order_by("id"))
        keys = [row.pk for row in rows]
        FamilyMember.objects.filter(pk__in=keys).update(state=state, ended_at=now)
        FamilyText.objects.filter(member__in=keys, state=WAITING).update(state=DROPPED)
        for row in rows:
            what = f"family:{row.pk}"
            record_audit(now=now, actor=actor, action=action, citizen_id=row.citizen_id, object=what)
        return len(rows)


class FamilyMember(models.Model):
    """A person whom a senior has named, to hear that there is something to ask about, and nothing of what.

    Another person than the citizen: nothing but one question is sent before they have agreed themselves, by the code in
    it. Name and number are encrypted, bound to `mark`, so that the row follows its senior into a merged row. A row that
    ended is removed as what was withdrawn is.
    """

    citizen = models.ForeignKey("Citizen", models.CASCADE, related_name="family", verbose_name=_("citizen"))
    mark = models.CharField(_("mark"), max_length=32, unique=True, default=new_mark)
    called_encrypted = models.BinaryField(editable=False)  # as the senior calls them
    phone_encrypted = models.BinaryField(editable=False)
    phone_hash = models.BinaryField(max_length=32, editable=False)
    code_encrypted = models.BinaryField(editable=False)  # in clear only in the messages to them
    code_hash = models.BinaryField(max_length=32, unique=True, editable=False)
    state = models.CharField(_("state"), max_length=8, default=ASKED)
    named_at = models.DateTimeField(_("named"))
    answered_at = models.DateTimeField(_("answered"), null=True)
    ended_at = models.DateTimeField(_("ended"), null=True)
    # What they agreed to, and in which language they read it.
    text = models.ForeignKey("ConsentText", models.PROTECT, null=True, related_name="+", verbose_name=_("text"))
    language = models.CharField(_("language"), max_length=2, default="ko")

    objects = FamilyMembers.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("family member"), _("family members")
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=list(STATES)), name="family_state"),
            models.CheckConstraint(
                condition=models.Q(state__in=LIVE, ended_at__isnull=True)
                | (~models.Q(state__in=LIVE) & models.Q(ended_at__isnull=False)),
                name="family_ended",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=AGREED) | models.Q(text__isnull=False, answered_at__isnull=False),
                name="family_agreed_to",
            ),
            models.UniqueConstraint(fields=["citizen"], condition=models.Q(state__in=LIVE), name="family_one_each"),
        ]
        indexes = [
            models.Index(fields=["phone_hash"], name="family_phone"),
            models.Index(fields=["id"], condition=models.Q(state__in=LIVE), name="family_live"),
        ]

    def __str__(self) -> str:
        return row_title(self)

    def hold(self, *, name: str, phone: str, code: str) -> None:
        self.name = name
        self.phone_encrypted = encrypt_text(phone, bound_to=f"family.phone:{self.mark}")
        self.phone_hash = phone_index(phone)
        self.code_encrypted = encrypt_text(code, bound_to=f"family.code:{self.mark}")
        self.code_hash = family_code_hash(code)

    @property
    def name(self) -> str:
        return decrypt_text(self.called_encrypted, bound_to=f"family.name:{self.mark}")

    @name.setter
    def name(self, name: str) -> None:
        self.called_encrypted = encrypt_text(name, bound_to=f"family.name:{self.mark}")

    @property
    def phone(self) -> str:
        return decrypt_text(self.phone_encrypted, bound_to=f"family.phone:{self.mark}")

    @property
    def code(self) -> str:
        return decrypt_text(self.code_encrypted, bound_to=f"family.code:{self.mark}")

    @property
    def is_live(self) -> bool:
        return self.state in LIVE


def family_code_hash(code: str) -> bytes:
    return blind_index("family_code", code)
