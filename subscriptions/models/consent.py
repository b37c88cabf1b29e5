import pghistory
import pgtrigger
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from secretary.kernel.row_titles import row_title

# Consent texts that belong to no data type (enrolment/consent_texts.py).
OF_THE_SERVICE = {
    "service": _("use of Public Secretary"),
    "office_call": _("calls by the office"),
    "family": _("a family member is informed"),
    "family_member": _("family member's own consent"),
}


class ConsentText(models.Model):
    """A consent text, word for word. A changed text is a new row, never an edit.

    `code` is "service" for the handling of name and phone, or the code of a data type.
    """

    code = models.SlugField(_("item"), max_length=40)
    number = models.PositiveIntegerField(_("version"))
    required = models.BooleanField(_("required"), default=False)
    sensitive = models.BooleanField(_("sensitive (민감정보)"), default=False)
    purpose_ko = models.TextField(_("purpose (Korean)"))
    items_ko = models.TextField(_("data (Korean)"))
    retention_ko = models.TextField(_("how long (Korean)"))
    refusal_ko = models.TextField(_("effect of refusing (Korean)"))
    purpose_en = models.TextField(_("purpose (English)"))
    items_en = models.TextField(_("data (English)"))
    retention_en = models.TextField(_("how long (English)"))
    refusal_en = models.TextField(_("effect of refusing (English)"))
    digest = models.CharField(_("digest of the content"), max_length=64)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        ordering = ["code", "-number"]
        verbose_name, verbose_name_plural = _("consent text"), _("consent texts")
        constraints = [models.UniqueConstraint(fields=["code", "number"], name="consent_text_number")]

    def __str__(self) -> str:
        return f"{self.item()} v{self.number}"

    def item(self) -> str:
        """Return what it is about, in the reader's language: the data type's name, or the service's own item."""
        if self.code in OF_THE_SERVICE:
            return str(OF_THE_SERVICE[self.code])
        language = "en" if get_language() == "en" else "ko"
        names = self.datatypeversion_set.order_by("-number").values_list(f"name_{language}", flat=True)
        return next(iter(names[:1]), "") or self.code

    def text(self, attribute: str, language: str) -> str:
        """Return `purpose`, `items`, `retention` or `refusal` in that language."""
        return str(getattr(self, f"{attribute}_{'en' if language == 'en' else 'ko'}"))


OFFICE_OF_OFFICIAL = """
NEW.office_id = (SELECT office_id FROM subscriptions_official WHERE id = NEW.recorded_by_id);
RETURN NEW;
"""


@pghistory.track(exclude=["paper_encrypted", "office"])
class Consent(models.Model):
    """동의: a person's agreement to one item, with its time, its way, and the version of the text."""

    WEB, PAPER = "web", "paper"

    citizen = models.ForeignKey("Citizen", models.CASCADE, related_name="consents", verbose_name=_("citizen"))
    text = models.ForeignKey(ConsentText, models.PROTECT, related_name="consents", verbose_name=_("text"))
    language = models.CharField(_("language of the text"), max_length=2, default="ko")
    method = models.CharField(_("method of consent"), max_length=10)
    given_at = models.DateTimeField(_("given"))
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)
    recorded_by = models.ForeignKey(
        "Official", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("recorded by")
    )
    # The office that keeps the paper: at first that of the official, who may work elsewhere later. Without a constraint
    # in the database, which would read the table through; offices are never deleted (PROTECT of their officials).
    office = models.ForeignKey(
        "Office",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
        verbose_name=_("office"),
    )
    paper_form = models.CharField(_("number of the paper form"), max_length=40, blank=True, default="")
    # The official's input from the form: the only data of a person that the office is ever shown.
    paper_encrypted = models.BinaryField(null=True, editable=False)

    class Meta:
        ordering = ["citizen", "given_at"]
        verbose_name, verbose_name_plural = _("consent"), _("consents")
        indexes = [
            models.Index(
                fields=["withdrawn_at"], condition=models.Q(withdrawn_at__isnull=False), name="consent_withdrawn"
            ),
            # The people of an office, newest first; only consents from paper have one.
            models.Index(
                fields=["office", "citizen"], condition=models.Q(office__isnull=False), name="consent_of_office"
            ),
            # A paper form that was recorded before, by number: for one senior and for each row of a list.
            models.Index(
                fields=["paper_form"],
                condition=models.Q(method="paper", withdrawn_at__isnull=True),
                name="consent_paper_form",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(  # for all who write a paper without naming its office
                name="consent_office",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                condition=pgtrigger.Condition("NEW.office_id IS NULL AND NEW.recorded_by_id IS NOT NULL"),
                func=OFFICE_OF_OFFICIAL,
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(method__in=["web", "paper"]), name="consent_method"),
            models.CheckConstraint(
                condition=models.Q(method="web") | models.Q(recorded_by__isnull=False), name="paper_consent_recorded"
            ),
        ]

    def __str__(self) -> str:
        return row_title(self)
