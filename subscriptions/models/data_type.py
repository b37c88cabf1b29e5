import pghistory
import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

GROUPS = {
    "traffic": _("Traffic"),
    "education": _("Education"),
    "health": _("Health"),
    "vaccination": _("Vaccination"),
    "tax": _("Taxes and refunds"),
    "welfare": _("Pension, insurance and support"),
    "defence": _("Military service and civil defence"),
    "other": _("Other"),
}


# The data types that hold the texts of bundled messages, of test messages and of the yearly message: no person
# subscribes to them, no agency delivers them.
BUNDLE, TRIAL, YEARLY = "bundle", "trial", "yearly"
OF_THE_SERVICE = (BUNDLE, TRIAL, YEARLY)
CONTACT = ("agency_name_ko", "agency_name_en", "agency_phone")
# A version that goes live without a contact (written by code without these columns) gets the agency's of that moment;
# from then on its contact is fixed: another one needs another version, and so a second person.
KEEP_CONTACT = """
    IF TG_OP = 'UPDATE' AND OLD.state IN ('live', 'retired') AND OLD.agency_name_ko <> ''
        AND (NEW.agency_name_ko, NEW.agency_name_en, NEW.agency_phone)
            IS DISTINCT FROM (OLD.agency_name_ko, OLD.agency_name_en, OLD.agency_phone) THEN
        RAISE EXCEPTION 'what an approved version says of its agency is never changed: approve a new version';
    END IF;
    IF NEW.state IN ('live', 'retired') AND NEW.agency_name_ko = '' THEN
        SELECT a.name_ko, a.name_en, a.phone INTO NEW.agency_name_ko, NEW.agency_name_en, NEW.agency_phone
        FROM subscriptions_agency a JOIN subscriptions_datatype t ON t.agency_id = a.id WHERE t.id = NEW.data_type_id;
    END IF;
    RETURN NEW;
"""


class DataTypeQuerySet(models.QuerySet["DataType"]):
    def live(self) -> "DataTypeQuerySet":
        """Return the data types that a citizen can subscribe to now, in the order in which they are shown."""
        return (
            self.filter(live_version__isnull=False)
            .exclude(code__in=OF_THE_SERVICE)
            .select_related("agency", "live_version__consent_text")
            .order_by("position", "code")
        )


@pghistory.track()
class DataType(models.Model):
    """A kind of administrative data (행정정보). Its content is in its versions."""

    id = models.SmallAutoField(primary_key=True)
    code = models.SlugField(_("code"), max_length=40, unique=True)
    agency = models.ForeignKey("Agency", models.PROTECT, related_name="data_types", verbose_name=_("agency"))
    group = models.CharField(_("group"), max_length=20, default="other")
    position = models.PositiveSmallIntegerField(_("position"), default=100)
    payable = models.CharField(_("tariff"), max_length=40, blank=True, default="")
    live_version = models.OneToOneField(
        "DataTypeVersion", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("live version")
    )

    objects = DataTypeQuerySet.as_manager()

    class Meta:
        ordering = ["position", "code"]
        verbose_name, verbose_name_plural = _("data type"), _("data types")

    def __str__(self) -> str:
        return self.name(get_language() or "ko")

    def name(self, language: str) -> str:
        """Return its name in that language: of its live version; before there is one, of the newest."""
        version = self.live_version or self.versions.order_by("-number").first()
        return version.text("name", language) if version else self.code

    def agency_name(self, language: str) -> str:
        """Return its agency's name, as approved with the live version."""
        return self.live_version.text("agency_name", language) if self.live_version else self.agency.name(language)

    def agency_phone(self) -> str:
        """Return the telephone for citizens' inquiries, as approved with the live version."""
        return self.live_version.agency_phone if self.live_version else self.agency.phone


class DataTypeVersion(models.Model):
    """The content of a data type: fields, stages, consent text, templates. Never edited once it was live."""

    DRAFT, REVIEW, LIVE, RETIRED = "draft", "review", "live", "retired"
    SOURCES = {"admin": _("written here"), "catalogue": _("shipped with the product")}
    STATES = {DRAFT: _("draft"), REVIEW: _("in review"), LIVE: _("live"), RETIRED: _("retired")}

    data_type = models.ForeignKey(DataType, models.CASCADE, related_name="versions", verbose_name=_("data type"))
    number = models.PositiveIntegerField(_("version"))
    state = models.CharField(_("state"), max_length=10, default=DRAFT)
    name_ko = models.CharField(_("name (Korean)"), max_length=60)
    name_en = models.CharField(_("name (English)"), max_length=100)
    summary_ko = models.CharField(_("summary (Korean)"), max_length=200, blank=True)
    summary_en = models.CharField(_("summary (English)"), max_length=300, blank=True)
    frequency_ko = models.CharField(_("how often (Korean)"), max_length=100, blank=True)
    frequency_en = models.CharField(_("how often (English)"), max_length=150, blank=True)
    urgent = models.BooleanField(_("urgent (any hour)"), default=False)
    sensitive = models.BooleanField(_("sensitive (민감정보)"), default=False)
    fields = models.JSONField(_("fields"), default=list)
    # The rule of "tried enough" (docs/reach.md). 0: as by default.
    reach_hours = models.PositiveSmallIntegerField(_("in time within (hours)"), default=0, db_default=0)
    reach_channels = models.PositiveSmallIntegerField(_("channels to try"), default=0, db_default=0)
    # The agency's texts for citizens: copied from its row when the version is submitted, approved with the rest.
    agency_name_ko = models.CharField(_("agency (Korean)"), max_length=60, blank=True, default="", db_default="")
    agency_name_en = models.CharField(_("agency (English)"), max_length=100, blank=True, default="", db_default="")
    agency_phone = models.CharField(
        _("agency's telephone for questions"), max_length=20, blank=True, default="", db_default=""
    )
    consent_text = models.ForeignKey("ConsentText", models.PROTECT, verbose_name=_("consent text"))
    digest = models.CharField(_("digest of the content"), max_length=64)
    source = models.CharField(_("source"), max_length=10, default="admin")
    # Of the file that it was loaded from; `digest` follows what staff change. "": from the admin, or loaded before.
    shipped_digest = models.CharField(max_length=64, blank=True, default="", db_default="", editable=False)
    # Of a first draft that began as a copy: the other data type's version (data_types/drafts.py).
    copied_from = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("begun as a copy of")
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("author")
    )
    # The accounts that edited it. None of them, nor the submitter, may approve it.
    edited_by = ArrayField(models.IntegerField(), verbose_name=_("edited by"), default=list, blank=True)
    submitted_at = models.DateTimeField(_("submitted"), null=True, blank=True)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("submitted by"),
    )
    approved_at = models.DateTimeField(_("approved"), null=True, blank=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("approved by")
    )
    # Approved, and still in review until this time: then it goes live by itself (data_types/schedule.py).
    live_at = models.DateTimeField(_("goes live at"), null=True, blank=True)
    # What its author tells the approver, and what an approver who sent it back told its authors; no personal data.
    note = models.CharField(_("note for the approver"), max_length=300, blank=True, default="", db_default="")
    sent_back = models.CharField(_("why it was sent back"), max_length=300, blank=True, default="", db_default="")

    class Meta:
        ordering = ["data_type", "-number"]
        verbose_name, verbose_name_plural = _("data type version"), _("data type versions")
        permissions = [("approve_datatypeversion", "Can approve data type versions and template codes")]
        constraints = [
            models.UniqueConstraint(fields=["data_type", "number"], name="data_type_version_number"),
            models.CheckConstraint(
                condition=models.Q(state__in=["draft", "review", "live", "retired"]), name="data_type_version_state"
            ),
            models.CheckConstraint(
                condition=~models.Q(approved_by=models.F("created_by"))
                & ~models.Q(approved_by=models.F("submitted_by")),
                name="data_type_version_two_people",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="version_contact",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func=KEEP_CONTACT,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.text('name', get_language() or 'ko')} v{self.number}"

    def text(self, attribute: str, language: str) -> str:
        """Return `name`, `summary`, `frequency` or `agency_name` in that language."""
        return str(getattr(self, f"{attribute}_{'en' if language == 'en' else 'ko'}"))

    def contact(self) -> dict[str, str]:
        """Return the agency's texts that citizens read while this version is live."""
        return {name: getattr(self, name) for name in CONTACT}
