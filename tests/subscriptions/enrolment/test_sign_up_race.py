from typing import Any

import pytest

from subscriptions.models import Citizen, Subscription
from tests.subscriptions import cast
from tests.support.at_once import outcomes_at_once

pytestmark = pytest.mark.django_db(transaction=True)


def errors_at_once(*deeds: Any) -> list[Any]:
    return [each for each in outcomes_at_once(*deeds) if isinstance(each, BaseException)]


def test_the_same_person_signing_up_in_several_windows_at_once_is_one_citizen() -> None:
    cast.offer_all()
    assert errors_at_once(*[cast.enrol] * 4) == []
    assert (Citizen.objects.count(), Subscription.objects.filter(ended_at=None).count()) == (1, 1)


def test_an_official_and_the_person_at_once_make_one_citizen() -> None:
    cast.offer_all()
    by, form = cast.official(), cast.GRANDMOTHER
    who = cast.person(5, name=form.name, birth_date=form.birth_date, phone=form.phone)
    failures = errors_at_once(lambda: cast.enrol(who), lambda: cast.register(by, confirmed=True))
    assert failures == []
    assert Citizen.objects.count() == 1
