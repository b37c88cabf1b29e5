"""Test the order of locks of enrolment/people.py by the statements of every function that writes a person."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from subscriptions.enrolment.consent_texts import live_data_types, text_of
from subscriptions.enrolment.my_choices import add_data_types, change_channels
from subscriptions.enrolment.numbers import note_verified_number
from subscriptions.enrolment.withdraw import withdraw
from subscriptions.models import Citizen
from subscriptions.registration.registrations import end_registration
from tests.subscriptions import cast
from tests.subscriptions.cast import ALICE, GRANDMOTHER, NOW

pytestmark = pytest.mark.django_db

THEIRS = r"subscriptions_(?:citizenkey|contact|channelchoice|consent|subscription)\b"
KINDS = {
    "keys": re.compile(r"pg_advisory_xact_lock"),
    "person": re.compile(r'FROM "?subscriptions_citizen"? .*FOR (?:NO KEY )?UPDATE', re.S),
    "new person": re.compile(r'^INSERT INTO "?subscriptions_citizen"'),
    "theirs": re.compile(rf'^(?:INSERT INTO|UPDATE|DELETE FROM) "?{THEIRS}|{THEIRS}.* FOR UPDATE', re.S),
    "audit": re.compile(r'^INSERT INTO "?common_auditevent"'),
}
ORDER = list(KINDS)


def order_of(deed: Callable[[], Any]) -> list[str]:
    """Return the kinds of locks and writes of an action in order, without repetitions."""
    with CaptureQueriesContext(
        connection,
    ) as seen:
        deed()
    found: list[str] = []
    for query in seen.captured_queries:
        for kind, pattern in KINDS.items():
            if pattern.search(query["sql"]):
                if found[-1:] != [kind]:
                    found.append(kind)
                break
    return found


@pytest.fixture
def writers() -> dict[str, Callable[[], Any]]:
    """Return every function that writes rows of a person, for a person who is enrolled already."""
    cast.offer_all()
    by, alice = cast.official(), cast.enrol()
    senior = cast.register(by)
    other = cast.register(by, cast.PaperForm("A-9", "김어르신", GRANDMOTHER.birth_date, "+821000000009"))
    [vaccination] = live_data_types(["vaccination"])
    who = cast.person(7, name=GRANDMOTHER.name, birth_date=GRANDMOTHER.birth_date)
    cast.enrol(who)
    proved = cast.person(7, name=GRANDMOTHER.name, birth_date=GRANDMOTHER.birth_date, phone=GRANDMOTHER.phone)
    consents = [text_of(vaccination)]
    add = lambda: add_data_types(  # noqa: E731
        citizen=alice, data_types=["vaccination"], consents=consents, language="ko", now=NOW
    )
    return {
        "sign_up of a new person": lambda: cast.enrol(cast.person(30)),
        "sign_up again": lambda: cast.enrol(ALICE, ("sms",), "health_checkup"),
        "add_data_types": add,
        "change_channels": lambda: change_channels(citizen=alice, channels=["naver"], now=NOW),
        "withdraw": lambda: withdraw(citizen=alice, data_types=None, actor="citizen", now=NOW),
        "register_senior": lambda: cast.register(
            by, cast.PaperForm("A-2", "새어르신", GRANDMOTHER.birth_date, "+821000000044")
        ),
        "register_senior again": lambda: cast.register(by, confirmed=True),
        "end_registration": lambda: end_registration(citizen=other, official=by, reason="본인 요청", now=NOW),
        "note_verified_number": lambda: note_verified_number(
            person=cast.person(31, name="이샘플", phone=ALICE.phone), now=NOW
        ),
        "sign_up that merges": lambda: (cast.enrol(proved), Citizen.objects.get(pk=senior.pk)),
    }


def test_every_writer_locks_the_person_first_and_writes_the_trail_last(writers: dict[str, Callable[[], Any]]) -> None:
    for name, deed in writers.items():
        order = order_of(deed)
        if "again" in name and "register" in name:  # the warning is one transaction, the confirmed registration another
            order = order[order.index("audit") + 1 :]
        places = [ORDER.index(kind) for kind in order]
        assert places == sorted(places), f"{name}: {order}"
        assert {"person"} & set(order) and order[-1] == "audit", f"{name}: {order}"


def test_who_is_new_is_enrolled_in_eleven_statements() -> None:
    """Each is a round trip to the database while the person's keys are locked; the first reads the offered types."""
    cast.offer_all()
    with CaptureQueriesContext(connection) as seen:
        cast.enrol(ALICE, ("kakaotalk", "sms"), "traffic_fine", "health_checkup", "vaccination")
    by_sign_up = [query["sql"] for query in seen.captured_queries][2:]  # the test's own: which texts are in force
    by_sign_up = [sql for sql in by_sign_up if not re.match(r"(?:SAVEPOINT|RELEASE)", sql)]
    assert len(by_sign_up) == 11, "\n".join(sql[:90] for sql in by_sign_up)
