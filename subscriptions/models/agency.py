import pghistory
from django.db import models
from django.utils.translation import gettext_lazy as _


@pghistory.track()
class Agency(models.Model):
    """기관: who keeps a kind of administrative data and tells us about it."""

    id = models.SmallAutoField(primary_key=True)
    code = models.SlugField(_("code"), max_length=20, unique=True)
    name_ko = models.CharField(_("name (Korean)"), max_length=60)
    name_en = models.CharField(_("name (English)"), max_length=100)
    phone = models.CharField(_("telephone for questions"), max_length=20)

    class Meta:
        ordering = ["code"]
        verbose_name, verbose_name_plural = _("agency"), _("agencies")

    def __str__(self) -> str:
        return self.name_ko

    def name(self, language: str) -> str:
        return self.name_en if language == "en" else self.name_ko
