from django.db import models
from django.utils.translation import gettext_lazy as _


class CitizenKey(models.Model):
    """A key by which agencies identify a person, as a keyed hash: the CI (연계정보), or name + birth date + phone."""

    CI, PERSON = "ci", "person"

    citizen = models.ForeignKey("Citizen", models.CASCADE, related_name="keys", verbose_name=_("citizen"))
    kind = models.CharField(_("kind"), max_length=10)
    key_hash = models.BinaryField(max_length=32, unique=True, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("citizen's key"), _("citizens' keys")
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=["ci", "person"]), name="citizen_key_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.citizen_id}"
