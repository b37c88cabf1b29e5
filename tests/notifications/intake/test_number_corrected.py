"""Test R5: once an official has corrected a number, no waiting or later notice goes to the wrong one."""

from datetime import date
from typing import Any

import pytest

from notifications.delivery.deliver import deliver_due
from notifications.matching.match import match_everything
from notifications.models import Notice
from subscriptions.models import Citizen, ConsentText, Office, Official
from subscriptions.registration.register_senior import PaperForm, register_senior
from subscriptions.registration.registration_warnings import Alike
from tests.notifications.cast import MORNING, ingest, make_data_type, record, templates
from tests.support.sandbox_process import SandboxProcess

pytestmark = pytest.mark.django_db
BORN = date(1944, 2, 3)
WRONG, RIGHT = "+821000000055", "+821000000056"


@pytest.fixture
def official(sandbox: SandboxProcess, django_user_model: Any) -> Official:
    make_data_type("vaccination")
    sandbox.register(*templates())
    words = {f"{part}_{code}": part for part in ("purpose", "items", "retention", "refusal") for code in ("ko", "en")}
    ConsentText.objects.create(code="service", number=1, digest="service", **words)
    office = Office.objects.create(code="9911051000", name_ko="가상동", name_en="Gasang-dong")
    return Official.objects.create(user=django_user_model.objects.create_user("official"), office=office)


def register(official: Official, number: str, phone: str, **more: Any) -> Citizen:
    form = PaperForm(number, "홍길동", BORN, phone)
    return register_senior(official=official, form=form, consents=ConsentText.objects.all(), now=MORNING, **more)


def dose(phone: str, number: str) -> dict[str, Any]:
    subject = {"name": "홍길동", "birth_date": BORN.isoformat(), "phone": phone}
    return record(subject=subject, external_id=number, data_type="vaccination")


def sent_to(sandbox: SandboxProcess) -> set[str]:
    deliver_due(now=lambda: MORNING)
    return {row["person"] for row in sandbox.rows()}


def test_the_wrong_number_hears_nothing_more_and_the_right_one_all(official: Official, sandbox: SandboxProcess) -> None:
    register(official, "P-1", WRONG)
    ingest(dose(WRONG, "before"), dose(RIGHT, "right-before"))
    match_everything(now=MORNING)
    with pytest.raises(Alike) as warning:
        register(official, "P-2", RIGHT)
    register(official, "P-2", RIGHT, same=[warning.value.about])
    ingest(dose(WRONG, "after"), dose(RIGHT, "right-after"))
    match_everything(now=MORNING)
    assert sent_to(sandbox) == {"01000000056"}
    notified = Notice.objects.exclude(state__in=["cancelled", "ready"]).values_list("record__external_id", flat=True)
    assert set(notified) == {"right-before", "right-after"}
