import threading
from typing import Any

import pytest
from django.db import connection

from subscriptions.models import Citizen, Subscription
from tests.subscriptions import cast

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*deeds: Any) -> Any:
    """Run each action in a thread of its own, all from the same instant; return their errors."""
    start, failures = threading.Barrier(len(deeds)), []

    def run(deed: Any) -> None:
        try:
            start.wait(timeout=10)
            deed()
        except Exception as failure:
            failures.append(failure)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return failures


def test_the_same_person_signing_up_in_several_windows_at_once_is_one_citizen() -> None:
    cast.offer_all()
    assert at_once(*[cast.enrol] * 4) == []
    assert (Citizen.objects.count(), Subscription.objects.filter(ended_at=None).count()) == (1, 1)


def test_an_official_and_the_person_at_once_make_one_citizen() -> None:
    cast.offer_all()
    by, form = cast.official(), cast.GRANDMOTHER
    who = cast.person(5, name=form.name, birth_date=form.birth_date, phone=form.phone)
    failures = at_once(lambda: cast.enrol(who), lambda: cast.register(by, confirmed=True))
    assert failures == []
    assert Citizen.objects.count() == 1
