"""The yearly message in calm mode, after a merger, and for whom a message asks whether it is ours."""

from datetime import timedelta

import pytest
from django.test import Client

from notifications.delivery.check_codes import check_code
from notifications.models import YearlyMessage, YearlyRefusal
from subscriptions.events import announce_merged
from subscriptions.models import CitizenKey, Contact, DataType
from tests.notifications.calm_cast import AT, calm, load_bundle
from tests.notifications.calm_cast import go as send_notices
from tests.notifications.cast import MORNING, ingest, make_data_type, record, subscribe, templates
from tests.notifications.yearly.conftest import Enrol, go, states
from tests.support.sandbox_process import SandboxProcess

pytestmark = pytest.mark.django_db
BEHIND = timedelta(minutes=10)
DAY = timedelta(days=1)


def test_in_calm_mode_it_goes_behind_the_bundled_message(people: Enrol) -> None:
    calm(people(1)), calm(people(2), "weekly", weekday=4)
    assert go() == 0 and states() == [("waiting", "calm")] * 2
    daily, weekly = YearlyMessage.objects.order_by("pk")
    assert (daily.look_at, weekly.look_at) == (AT + BEHIND, AT + BEHIND + 2 * DAY)
    assert go(AT + BEHIND) == 1 and go(AT + BEHIND + 2 * DAY) == 1


def test_it_gives_way_to_the_message_of_the_day_and_goes_in_the_end(people: Enrol, sandbox: SandboxProcess) -> None:
    person = calm(people(1))
    fine: DataType = make_data_type()
    load_bundle()
    sandbox.register(*templates())
    subscribe(person, fine)
    go()
    sent_on = []
    for day in range(6):
        ingest(record(1), now=MORNING + day * DAY)
        send_notices(MORNING + day * DAY)
        send_notices(AT + day * DAY)
        sent_on += [day] * go(AT + day * DAY + BEHIND)
    assert sent_on == [3] and YearlyMessage.objects.get().waited == 4


def test_of_two_rows_of_one_person_the_message_that_has_left_stays(people: Enrol) -> None:
    former, person, other = people(1), people(2), people(3)
    go()
    YearlyMessage.objects.filter(citizen=person).delete()
    YearlyMessage.objects.create(citizen=person, year=2026, look_at=MORNING)
    YearlyMessage.objects.create(citizen=former, year=2025, state="delivered")
    YearlyRefusal.objects.create(citizen=former, refused_at=MORNING)
    CitizenKey.objects.filter(citizen=former).update(citizen=person)
    announce_merged(former_id=former.pk, citizen_id=person.pk, now=MORNING)
    kept = YearlyMessage.objects.filter(citizen=person).order_by("year").values_list("year", "state")
    assert list(kept) == [(2025, "delivered"), (2026, "sent")]
    assert set(YearlyMessage.objects.values_list("citizen", flat=True)) == {person.pk, other.pk}
    assert YearlyRefusal.objects.get().citizen_id == person.pk


def test_its_code_is_confirmed_as_ours(people: Enrol, client: Client) -> None:
    people(1)
    go()
    Contact.objects.update(changed_at=MORNING)
    client.cookies["django_language"] = "ko"
    code = check_code(YearlyMessage.objects.get().number)
    page = client.post("/verify/", {"code": code}, follow=True).content.decode()
    for words in ("개인정보 이용내역 안내", "카카오톡", "010-****-0001"):
        assert words in page, words
