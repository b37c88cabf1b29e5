"""Load the shipped data types, live, with their templates approved by the vendor."""

from django.core.management import call_command
from django.db.models import CharField, F, Value
from django.db.models.functions import Cast, Concat

from notifications.models import Feed
from secretary.kernel.time import clock
from subscriptions.data_types.load import load_catalogue
from subscriptions.data_types.rows import spec_of_row
from subscriptions.message_templates import variants
from subscriptions.models import Agency, DataType, MessageTemplate, TemplateVariant
from subscriptions.specs import fields_from_json


def prepare() -> None:
    """Tables, catalogue, vendor's codes, and one file feed for each agency."""
    call_command("migrate", verbosity=0, interactive=False)
    load_catalogue(now=clock.now(), approve=True)
    code = Concat(Value("bench-w"), Cast(F("pk"), CharField()))
    MessageTemplate.objects.exclude(channel="sms").update(vendor_template=code)
    _give_every_text_a_code()
    for agency in Agency.objects.all():
        Feed.objects.create(
            name=f"bench-{agency.code}",
            agency=agency,
            kind="file_drop",
            settings={"folder": agency.code},
            every_minutes=1440,
        )


def _give_every_text_a_code() -> None:
    """Also those of which lines are left out: a text without a code would go by the next channel."""
    for template in MessageTemplate.objects.exclude(channel="sms").select_related("stage__version"):
        fields = fields_from_json(template.stage.version.fields)
        texts = variants(template.body, fields, spec_of_row(template.stage))[1:]
        TemplateVariant.objects.bulk_create(
            TemplateVariant(template=template, key=text.key, vendor_template=f"{template.vendor_template}-{nth}")
            for nth, text in enumerate(texts, start=1)
        )


def announced_types() -> list[DataType]:
    """Return the live data types that notify people of every new record."""
    return list(DataType.objects.live().filter(live_version__stages__trigger="opened").distinct())
