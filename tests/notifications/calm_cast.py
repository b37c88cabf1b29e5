"""Add to the cast what calm mode needs: the service's own templates, and people who chose it."""

from datetime import datetime, time, timedelta
from pathlib import Path

from notifications.delivery.deliver import deliver_bundles, deliver_due
from notifications.matching.match import match_everything
from notifications.models import Notice
from subscriptions.data_types.format import read_data_type, read_file
from subscriptions.data_types.load import BUNDLE_FILE, FOLDER, load_data_type
from subscriptions.enrolment.calm import choose_calm
from subscriptions.models import Agency, Citizen, MessageTemplate
from tests.notifications.cast import MORNING

BEFORE = MORNING - timedelta(hours=1)
AT = MORNING + timedelta(minutes=5)  # 10:05 in Seoul: the bundled message of the day


def load_bundle() -> None:
    """The service's own templates, with a vendor's code where one is needed."""
    Agency.objects.get_or_create(code="mois", defaults={"name_ko": "행정안전부", "name_en": "MOIS", "phone": "110"})
    path = Path(FOLDER, BUNDLE_FILE)
    load_data_type(spec=read_data_type(read_file(path), path.name), now=BEFORE, approve=True)
    for template in MessageTemplate.objects.filter(stage__code="bundle").exclude(channel="sms"):
        template.vendor_template = f"b-{template.pk}"
        template.save()


def calm(
    person: Citizen, mode: str = "daily", *, now: datetime = BEFORE, at: time | None = None, weekday: int = 1
) -> Citizen:
    choose_calm(citizen_id=person.pk, calm=mode, at=at, weekday=weekday, actor="citizen", now=now)
    return person


def go(now: datetime = MORNING) -> int:
    """Match and send what is due; return how many attempts were made."""
    match_everything(now=now)
    return deliver_due(now=lambda: now) + deliver_bundles(now=lambda: now)


def states() -> list[tuple[str, str]]:
    return list(Notice.objects.order_by("pk").values_list("state", "reason"))
