"""An account is made one of the staff and one of an agency at the same moment: it becomes one of them."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from subscriptions.models import Agency, AgencyStaff, Office, Official
from tests.support.at_once import outcomes_at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_whichever_comes_second_waits_and_is_refused() -> None:
    agency = Agency.objects.create(code="one", name_ko="기관", name_en="Agency", phone="110")
    office = Office.objects.create(code="9911051000", name_ko="가상동", name_en="Gasang-dong")
    ours: dict[str, Callable[[User], Any]] = {
        "official": lambda user: Official.objects.create(user=user, office=office),
        "staff": lambda user: User.objects.filter(pk=user.pk).update(is_staff=True),
    }
    wrong = []
    for side, of_the_staff in ours.items():
        for first_is_ours in (True, False):
            user = User.objects.create_user(f"{side}-{first_is_ours}")
            to_do: list[Callable[[User], Any]] = [
                of_the_staff,
                lambda user: AgencyStaff.objects.create(user=user, agency=agency),
            ]
            written, tried = threading.Event(), threading.Event()

            def first(make: Callable[[User], Any], user: User = user) -> None:
                with transaction.atomic():
                    make(user)
                    written.set()  # noqa: B023
                    tried.wait(0.3)  # noqa: B023  (the other side is refused, or waits for the end of this)

            def second(make: Callable[[User], Any], user: User = user) -> None:
                written.wait(30)  # noqa: B023
                try:
                    make(user)
                finally:
                    tried.set()  # noqa: B023

            one, other = to_do if first_is_ours else to_do[::-1]
            ended = outcomes_at_once(lambda: first(one), lambda: second(other))  # noqa: B023
            if ended[0] is not None or not isinstance(ended[1], IntegrityError):
                wrong.append((side, first_is_ours, ended))
    assert wrong == []
