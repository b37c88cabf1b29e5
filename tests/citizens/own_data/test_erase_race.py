"""An erasure at the moment of something else: a second one, a sign-up of the same person, a claim of her notices."""

import pytest
from django.test import Client

from citizens.models import Erasure
from citizens.own_data.erase_person import request_erasure
from citizens.tasks import erase
from notifications.delivery.claim import claim
from notifications.matching.match import match_everything
from notifications.models import Delivery, Notice
from subscriptions.models import Citizen, CitizenKey, Subscription
from tests.citizens.own_data.rich import CI, agree, make_rich, person
from tests.notifications.cast import MORNING, ingest, record
from tests.notifications.test_moved_record_race import at_once
from tests.payments.conftest import Far
from tests.subscriptions.web.conftest import FakeProvider

pytestmark = pytest.mark.django_db(transaction=True)


def test_in_either_order_there_is_one_erasure_and_a_sign_up_is_whole(
    provider: FakeProvider, far: Far, client: Client
) -> None:
    rich = make_rich(provider, far.bank, client)
    ingest(*(record(1, subject={"ci": CI}) for _ in range(20)))
    match_everything(now=MORNING)

    def ask() -> None:
        request_erasure(citizen_id=rich.pk, actor="citizen", why=Erasure.ASKED, now=MORNING)

    def sign_up_anew() -> None:
        agree(person(), "traffic_fine")

    def send() -> None:
        claim(now=MORNING)

    at_once(ask, ask, sign_up_anew, send)
    erasure = Erasure.objects.get()
    Delivery.objects.filter(state="sending").update(state="sent")  # whatever was begun has been handed over
    erase(erasure_id=erasure.pk)
    erasure.refresh_from_db()
    assert erasure.state == Erasure.DONE
    assert not Notice.objects.filter(citizen=rich).exists()
    assert Citizen.objects.get(pk=rich.pk).state == Citizen.ERASED
    enrolled = list(Citizen.objects.filter(state=Citizen.ACTIVE))
    for row in enrolled:  # the sign-up came second: a new citizen row, with keys and channels of its own
        assert CitizenKey.objects.filter(citizen=row).count() == 2
        assert Subscription.objects.filter(citizen=row, ended_at=None).count() == 1
    assert len(enrolled) + (not enrolled) == 1
