"""The shipped data types, live, with their wordings approved by the vendor."""

from django.core.management import call_command
from django.db.models import CharField, F, Value
from django.db.models.functions import Cast, Concat

from notifications.models import Feed
from secretary.common import clock
from subscriptions.catalogue.load import load_catalogue
from subscriptions.models import Agency, DataType, Wording


def prepare() -> None:
    """Tables, catalogue, vendor's codes, and one file feed for each agency."""
    call_command("migrate", verbosity=0, interactive=False)
    load_catalogue(now=clock.now(), approve=True)
    code = Concat(Value("bench-w"), Cast(F("pk"), CharField()))
    Wording.objects.exclude(channel="sms").update(vendor_template=code)
    for agency in Agency.objects.all():
        Feed.objects.create(
            name=f"bench-{agency.code}",
            agency=agency,
            kind="file_drop",
            settings={"folder": agency.code},
            every_minutes=1440,
        )


def announced_types() -> list[DataType]:
    """The live data types that tell people of every new record."""
    return list(DataType.objects.live().filter(live_version__stages__trigger="opened").distinct())
