import pghistory
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _


@pghistory.track()
class Agency(models.Model):
    """기관: an agency that keeps a kind of administrative data and sends it to this service.

    Citizens never read this row: they read the texts of an approved version of a data type
    (`DataTypeVersion.agency_*`), which are copied from here when the version is submitted.
    """

    id = models.SmallAutoField(primary_key=True)
    code = models.SlugField(_("code"), max_length=20, unique=True)
    name_ko = models.CharField(_("name (Korean)"), max_length=60)
    name_en = models.CharField(_("name (English)"), max_length=100)
    phone = models.CharField(_("telephone for questions"), max_length=20)
    # The accounts that changed it since it last agreed with all live versions: none of them may approve the change.
    edited_by = ArrayField(models.IntegerField(), verbose_name=_("edited by"), default=list, blank=True, db_default=[])

    class Meta:
        ordering = ["code"]
        verbose_name, verbose_name_plural = _("agency"), _("agencies")

    def __str__(self) -> str:
        return self.name_ko

    def name(self, language: str) -> str:
        return self.name_en if language == "en" else self.name_ko

    def contact(self) -> dict[str, str]:
        """Return its texts that citizens may read, by the columns of a version that hold them."""
        return {"agency_name_ko": self.name_ko, "agency_name_en": self.name_en, "agency_phone": self.phone}
