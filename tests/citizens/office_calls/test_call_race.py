"""An office's call is recorded while its person's two rows become one: it is on the row that stays, or on none."""

import threading

import pytest
from django.db import transaction

from citizens.models import OfficeCall
from citizens.office_calls.record_call import NotToCall, record_call
from notifications.channels.contract import Verdict
from subscriptions.data_types.load import ensure_office_call_consent, ensure_service_consent
from subscriptions.enrolment.consent_texts import live_data_types, texts_for
from subscriptions.enrolment.merge import merge_into
from subscriptions.enrolment.people import lock_people_of
from subscriptions.models import Citizen, ConsentText, Official, Stage
from subscriptions.registration.register_senior import PaperForm, register_senior
from tests.citizens.inbox.cast import arrive, hand_over
from tests.notifications.cast import MORNING, make_data_type, record
from tests.subscriptions import cast
from tests.support.at_once import outcomes_at_once

pytestmark = pytest.mark.django_db(transaction=True)
LATER = MORNING.replace(day=13)


def register(by: Official, number: int) -> Citizen:
    """A senior who agreed to be called, and whom an urgent notice did not reach."""
    form = PaperForm(
        f"C-{number}", f"최어르{'가나다라마바사아'[number]}", cast.GRANDMOTHER.birth_date, f"+8210000001{number:02d}"
    )
    texts = [*texts_for(live_data_types(["vaccination"])), ensure_office_call_consent()]
    ids = [text.pk for text in texts]
    consents = ConsentText.objects.filter(pk__in=ids)
    return register_senior(official=by, form=form, consents=consents, now=MORNING)


def missed(citizen: Citizen, number: int) -> None:
    subject = {
        "name": citizen.name,
        "birth_date": citizen.birth_date.isoformat(),
        "phone": f"+8210000001{number:02d}",
    }
    arrive(record(1, data_type="vaccination", subject=subject), now=MORNING)
    hand_over((Verdict.UNDELIVERABLE, "30003"), now=MORNING)


def test_in_either_order_the_call_is_on_the_row_that_stays() -> None:
    ensure_service_consent()
    ensure_office_call_consent()
    make_data_type("vaccination")
    Stage.objects.filter(code="issued").update(urgent=True)
    by = cast.official()
    recorded = []
    for number, merges_first in enumerate((True, False, True, False)):
        former, stays = register(by, 2 * number), register(by, 2 * number + 1)
        missed(former, 2 * number)
        begun = threading.Event()

        def merge(former: Citizen = former, stays: Citizen = stays, first: bool = merges_first) -> None:
            if not first:
                begun.wait(30)  # noqa: B023
            with transaction.atomic():
                lock_people_of([], people=[stays.pk, former.pk])
                begun.set()  # noqa: B023
                merge_into(stays, former, actor="system", now=LATER)

        def call(former: Citizen = former, first: bool = merges_first) -> None:
            if first:
                begun.wait(30)  # noqa: B023
            with transaction.atomic():
                record_call(citizen=former, official=by, outcome="no_answer", next_call_on=None, now=LATER)
                begun.set()  # noqa: B023

        merged, called = outcomes_at_once(merge, call)
        assert merged is None
        assert called is None or isinstance(called, NotToCall), called
        assert not OfficeCall.objects.filter(citizen=former).exists()
        assert OfficeCall.objects.filter(citizen=stays).count() == int(called is None)
        recorded.append(called is None)
    assert recorded == [False, True, False, True]
