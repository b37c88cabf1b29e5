import pghistory
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from secretary.kernel.persons.blind_index import blind_index
from secretary.kernel.row_titles import row_title
from secretary.kernel.secrets.encryption import decrypt_text, encrypt_text


@pghistory.track(
    pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent(), exclude=["value_encrypted", "value_hash"]
)
class Contact(models.Model):
    """A contact of a person: a phone (E.164), or the user key of the Toss app."""

    PHONE, TOSS_USER_KEY = "phone", "toss_user_key"

    citizen = models.ForeignKey("Citizen", models.CASCADE, related_name="contacts", verbose_name=_("citizen"))
    kind = models.CharField(_("kind"), max_length=15)
    value_encrypted = models.BinaryField(_("value"), editable=False)
    value_hash = models.BinaryField(max_length=32, editable=False)
    changed_at = models.DateTimeField(_("changed"), db_default=Now())
    verified_at = models.DateTimeField(_("verified"), null=True, blank=True)
    # When another person proved that the value is theirs. Nothing is sent there for this person any more.
    suspended_at = models.DateTimeField(_("number taken over by another person since"), null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("contact"), _("contacts")
        constraints = [
            models.UniqueConstraint(fields=["citizen", "kind"], name="contact_kind"),
            models.CheckConstraint(condition=models.Q(kind__in=["phone", "toss_user_key"]), name="contact_kind_known"),
        ]
        indexes = [models.Index(fields=["value_hash"], name="contact_value_hash")]

    def __str__(self) -> str:
        return row_title(self)

    @property
    def value(self) -> str:
        return decrypt_text(self.value_encrypted, bound_to=f"contact.{self.kind}:{self.citizen_id}")

    @value.setter
    def value(self, value: str) -> None:
        self.value_encrypted = encrypt_text(value, bound_to=f"contact.{self.kind}:{self.citizen_id}")
        self.value_hash = blind_index(self.kind, value)
        self.changed_at = Now()
