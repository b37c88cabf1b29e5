"""Test a senior whom an official registered and who then signs up on the web: one person, notified once."""

from datetime import timedelta
from typing import Any

import pytest

from notifications.delivery.deliver import deliver_due
from notifications.matching.match import match_everything
from notifications.models import Notice
from secretary.kernel.models import AuditEvent
from subscriptions.data_types.load import ensure_service_consent
from subscriptions.identity.contract import Person
from subscriptions.models import Citizen, CitizenKey, DataType
from tests.notifications.cast import MORNING, ci_of, ingest, make_data_type, record, templates
from tests.subscriptions import cast as people
from tests.support.sandbox_process import SandboxProcess

pytestmark = pytest.mark.django_db
FORM = people.GRANDMOTHER
BY_PERSON = {"name": FORM.name, "birth_date": f"{FORM.birth_date}", "phone": FORM.phone}
BOTH = {"ci": ci_of(7), **BY_PERSON}


@pytest.fixture
def shots(sandbox: SandboxProcess) -> DataType:
    ensure_service_consent()
    data_type = make_data_type("vaccination")
    make_data_type("traffic_fine")
    sandbox.register(*templates())
    return data_type


@pytest.fixture
def senior(shots: DataType) -> Citizen:
    """On an official's list, by name, birth date and phone."""
    return people.register(people.official(), now=MORNING)


def enrolled_before(*codes: str) -> Citizen:
    """The same person on the web, under the number that they had then: another row, with the CI."""
    return people.enrol(_person(phone="+821000000099"), ("sms",), *codes, now=MORNING)


def sign_up(*codes: str) -> Citizen:
    return people.enrol(_person(), ("sms",), *(codes or ("vaccination",)), now=MORNING)


def _person(**changes: Any) -> Person:
    person = {"ci": ci_of(7), "name": FORM.name, "birth_date": FORM.birth_date, "phone": FORM.phone}
    return Person(**(person | changes))


def push(subject: dict[str, str], **values: Any) -> None:
    ingest(record(external_id="X", data_type="vaccination", subject=subject, **values))


def go(now: Any = MORNING) -> int:
    match_everything(now=now)
    return deliver_due(now=lambda: now)


def causes(of: Citizen) -> list[str]:
    return list(Notice.objects.filter(citizen=of).order_by("pk").values_list("cause", flat=True))


def test_what_the_officials_entry_was_notified_of_is_not_notified_again_and_reminders_come_once(
    senior: Citizen, sandbox: SandboxProcess
) -> None:
    her = enrolled_before("traffic_fine")
    push(BY_PERSON)
    assert go() == 1
    assert sign_up("vaccination", "traffic_fine").pk == her.pk != senior.pk
    assert go() == 0
    assert (causes(senior), causes(her)) == ([], ["issued"])
    assert go(MORNING.replace(day=30)) == 1
    assert go(MORNING.replace(day=31)) == 0
    assert causes(her) == ["issued", "due_soon:2026-04-02"]
    assert sandbox.messages()["total"] == 2
    assert AuditEvent.objects.get(action="notices.moved").object == f"from:{senior.pk} 1"


def test_a_change_is_still_announced_to_the_person_after_the_merge(senior: Citizen) -> None:
    her = enrolled_before("traffic_fine")
    push(BY_PERSON)
    go()
    sign_up()
    push(BY_PERSON, version=2, fields={"amount": 70000})
    assert go() == 1
    assert causes(her) == ["issued", "changed:v2"]


def test_what_waits_goes_on_to_where_the_person_is_reached_now(senior: Citizen, sandbox: SandboxProcess) -> None:
    her = enrolled_before("traffic_fine")
    push(BY_PERSON)
    match_everything(now=MORNING)
    sign_up()
    assert go() == 1
    notice = Notice.objects.get()
    assert (notice.citizen_id, notice.state) == (her.pk, "sending")
    [row] = sandbox.rows()
    assert FORM.phone[-8:] in row["address"]


@pytest.mark.parametrize("notified", ["both", "office", "web", "neither"])
def test_where_both_rows_have_the_notice_the_person_gets_it_once(
    senior: Citizen, sandbox: SandboxProcess, notified: Any
) -> None:
    """The record carries both keys, so that each row was matched."""
    her = enrolled_before("vaccination")
    push(BOTH)
    match_everything(now=MORNING)
    assert Notice.objects.count() == 2
    waiting = {"both": [], "office": [her], "web": [senior], "neither": [her, senior]}[notified]
    Notice.objects.filter(citizen__in=waiting).update(not_before=MORNING + timedelta(hours=1))
    sent_before = deliver_due(now=lambda: MORNING)
    sign_up()
    later = MORNING + timedelta(hours=2)
    assert sent_before + go(later) == (2 if notified == "both" else 1)
    rows = Notice.objects.exclude(state="sending").values_list("state", "reason")
    assert list(rows) == ([] if notified == "both" else [("cancelled", "already_told")])
    push(BOTH, version=2, fields={"amount": 70000})
    assert go(later) == 1  # one correction, however many rows there were
    assert "changed:v2" in causes(her)


def test_a_key_that_moves_between_two_rows_of_one_person_makes_no_other_person(senior: Citizen) -> None:
    her = enrolled_before("traffic_fine")
    push(BY_PERSON)
    match_everything(now=MORNING)
    sign_up()
    push(BOTH, version=2)
    go()
    assert not Notice.objects.filter(reason="another_person").exists()
    assert not Notice.objects.filter(stage__trigger="not_yours").exists()
    assert causes(her) == ["issued"]


def test_a_row_that_keeps_a_key_keeps_what_is_about_it(shots: DataType) -> None:
    """A number and a name that two people had: only the notices of the moved key move."""
    former = people.enrol(_person(ci=ci_of(8)), ("sms",), "vaccination", now=MORNING)
    ingest(record(8, external_id="OWN", data_type="vaccination"))
    push(BY_PERSON)
    match_everything(now=MORNING)
    assert Notice.objects.filter(citizen=former).count() == 2
    enrolled_before("traffic_fine")
    her = sign_up()
    assert set(CitizenKey.objects.filter(citizen=former).values_list("kind", flat=True)) == {"ci"}
    assert list(Notice.objects.filter(citizen=former).values_list("record__external_id", flat=True)) == ["OWN"]
    assert list(Notice.objects.filter(citizen=her).values_list("record__external_id", flat=True)) == ["X"]
