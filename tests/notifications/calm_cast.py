"""Add to the cast what calm mode needs: the service's own templates, and people who chose it."""

from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db.models import F

from notifications.channels.contract import Receipt, Verdict
from notifications.delivery.deliver import deliver_bundles, deliver_due
from notifications.delivery.gateways import reference
from notifications.matching.match import match_everything
from notifications.models import Delivery, Notice
from notifications.receipts.receipts import apply_receipts, take_receipts
from subscriptions.data_types.format import read_data_type, read_file
from subscriptions.data_types.load import FOLDER, SERVICE_FOLDER, load_data_type
from subscriptions.enrolment.calm import choose_calm
from subscriptions.models import Agency, Citizen, DataType, MessageTemplate
from subscriptions.models.data_type import BUNDLE
from tests.notifications.cast import MORNING, enrol, ingest, make_data_type, record, templates
from tests.support.sandbox_process import SandboxProcess

BEFORE = MORNING - timedelta(hours=1)
AT = MORNING + timedelta(minutes=5)  # 10:05 in Seoul: the bundled message of the day


def load_bundle(code: str = BUNDLE) -> None:
    """The service's own templates, with a vendor's code where one is needed."""
    Agency.objects.get_or_create(code="mois", defaults={"name_ko": "행정안전부", "name_en": "MOIS", "phone": "110"})
    path = Path(FOLDER, SERVICE_FOLDER, f"{code}.toml")
    load_data_type(spec=read_data_type(read_file(path), path.name), now=BEFORE, approve=True)
    for template in MessageTemplate.objects.filter(stage__code=code).exclude(channel="sms"):
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


@pytest.fixture
def fine(sandbox: SandboxProcess) -> DataType:
    data_type = make_data_type()
    load_bundle()
    sandbox.register(*templates())
    return data_type


def wait_together(fine: DataType, *channels: str, notices: int = 3, **values: Any) -> None:
    """Person 1 has so many notices that wait for the bundled message of the day."""
    calm(enrol(1, fine, channels=channels or ("kakaotalk", "sms"), toss_user_key="443000001", **values))
    ingest(*(record(1, external_id=f"F-{nth}") for nth in range(notices)))
    assert go() == 0


def receipt(verdict: Verdict, event: str = "e1", gateway: str = "nhn") -> None:
    """A callback of the gateway about the newest carrier, the only delivery that it knows."""
    carrier = Delivery.objects.filter(pk=F("carrier")).latest("pk")
    news = Receipt(event, reference(carrier.pk), carrier.vendor_id, verdict, "x")
    take_receipts(gateway=gateway, receipts=[news], now=AT)
    apply_receipts(now=AT)
