from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from secretary.kernel.persons.blind_index import blind_index
from secretary.kernel.row_titles import row_title
from secretary.kernel.secrets.encryption import decrypt_text, encrypt_text


class PhoneCode(models.Model):
    """A sign-in code on its way to a phone: one row for each that was asked for, whether or not the number is enrolled.

    Number and code are encrypted, and cleared once the text message was handed over; then only a keyed hash of the code
    is left. `citizen`: null where no citizen may sign in with the number; no message goes out then.
    """

    mark = models.CharField(_("mark"), max_length=32, unique=True)  # in the session; no code is tried without it
    citizen = models.ForeignKey(
        "Citizen", models.CASCADE, null=True, db_constraint=False, related_name="+", verbose_name=_("citizen")
    )  # without a constraint: code of the release before, which does not know these rows, may remove a person
    code_hash = models.BinaryField(max_length=32, editable=False)
    phone_encrypted = models.BinaryField(null=True, editable=False)
    code_encrypted = models.BinaryField(null=True, editable=False)
    language = models.CharField(_("language"), max_length=2, default="ko")
    asked_at = models.DateTimeField(_("asked for"), db_default=Now())
    tries = models.SmallIntegerField(_("wrong tries"), default=0)
    handed_at = models.DateTimeField(
        _("handed over"), null=True
    )  # to the SMS gateway; without a citizen: when the worker passed it over
    used_at = models.DateTimeField(_("used"), null=True)  # also where a newer one replaced it

    class Meta:
        verbose_name, verbose_name_plural = _("sign-in code"), _("sign-in codes")
        indexes = [
            models.Index(fields=["asked_at"], name="phone_code_asked"),
            models.Index(fields=["id"], name="phone_code_waiting", condition=models.Q(handed_at=None)),
        ]

    def __str__(self) -> str:
        return row_title(self)

    def hold(self, phone: str, code: str) -> None:
        self.phone_encrypted = encrypt_text(phone, bound_to=f"phone_code.phone:{self.mark}")
        self.code_encrypted = encrypt_text(code, bound_to=f"phone_code.code:{self.mark}")
        self.code_hash = code_hash(self.mark, code)

    def held(self) -> tuple[str, str]:
        """Return number and code, before they are handed over."""
        assert self.phone_encrypted is not None and self.code_encrypted is not None
        return (
            decrypt_text(self.phone_encrypted, bound_to=f"phone_code.phone:{self.mark}"),
            decrypt_text(self.code_encrypted, bound_to=f"phone_code.code:{self.mark}"),
        )


def code_hash(mark: str, code: str) -> bytes:
    return blind_index(f"phone_code:{mark}", code)
