from datetime import timedelta
from typing import Any

import pytest

from secretary.kernel.models import AuditEvent
from subscriptions.enrolment.my_choices import add_data_types, change_channels, chosen_before
from subscriptions.enrolment.withdraw import withdraw
from subscriptions.models import Citizen, Consent
from tests.subscriptions import cast
from tests.subscriptions.cast import ALICE, NOW

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def alice() -> Any:
    cast.offer_all()
    return cast.enrol(ALICE, ("kakaotalk", "sms"), "traffic_fine", "health_checkup")


def live(citizen: Any) -> Any:
    return set(citizen.subscriptions.filter(ended_at=None).values_list("data_type__code", flat=True))


def test_one_kind_ends_and_the_rest_stays(alice: Any) -> None:
    assert withdraw(citizen=alice, data_types=["traffic_fine"], actor="citizen", now=LATER) == {"traffic_fine"}
    assert live(alice) == {"health_checkup"}
    assert Consent.objects.get(text__code="traffic_fine").withdrawn_at == LATER
    assert Consent.objects.get(text__code="service").withdrawn_at is None


def test_everything_ends_the_consent_to_the_service_too(alice: Any) -> None:
    withdraw(citizen=alice, data_types=None, actor="citizen", now=LATER)
    assert live(alice) == set()
    assert not Consent.objects.filter(withdrawn_at=None).exists()


def test_a_withdrawal_is_on_record_with_its_reason(alice: Any) -> None:
    withdraw(citizen=alice, data_types=["traffic_fine"], actor="official:1", now=LATER, reason="본인 요청")
    event = AuditEvent.objects.get(action="consent.withdrawn")
    assert (event.actor, event.citizen_id, event.object, event.reason) == (
        "official:1",
        alice.pk,
        "traffic_fine",
        "본인 요청",
    )


def test_after_a_withdrawal_the_same_person_can_come_back_with_a_new_consent(alice: Any) -> None:
    withdraw(citizen=alice, data_types=None, actor="citizen", now=LATER)
    again = cast.enrol(ALICE, ("sms",), "traffic_fine", now=LATER + timedelta(days=1))
    assert again == alice
    assert Citizen.objects.count() == 1
    assert Consent.objects.filter(text__code="traffic_fine").count() == 2


def test_more_kinds_are_added_under_the_standing_consent_to_the_service(alice: Any) -> None:
    from subscriptions.enrolment.consent_texts import live_data_types, text_of

    [vaccination] = live_data_types(["vaccination"])
    new = add_data_types(
        citizen=alice, data_types=["vaccination"], consents=[text_of(vaccination)], language="ko", now=LATER
    )
    assert new == ["vaccination"]
    assert live(alice) == {"traffic_fine", "health_checkup", "vaccination"}


def test_changed_channels_replace_the_order(alice: Any) -> None:
    change_channels(citizen=alice, channels=["sms", "naver"], now=LATER)
    assert chosen_before(ALICE).channels == ["sms", "naver"]


def test_a_stranger_has_chosen_nothing(alice: Any) -> None:
    assert chosen_before(cast.MALLORY).data_types == []
