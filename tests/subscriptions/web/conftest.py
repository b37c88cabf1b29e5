from collections.abc import Iterator
from typing import Any

import pytest
from time_machine import TimeMachineFixture

from subscriptions.identity.contract import Applicant, IdentityRefused, Person
from subscriptions.web import identify
from tests.subscriptions import cast
from tests.support.prepared_database import kept_for_a_file

CODE = "135790"


class FakeProvider:
    """An identity provider that knows the people of `cast` by their numbers and sends all of them the same code."""

    name = "fake"
    methods = ("sms", "app")

    def __init__(self) -> None:
        self.people: dict[str, Person] = {}
        self.started: list[Applicant] = []
        self.waiting: dict[str, Applicant] = {}
        self.approved: set[str] = set()  # answered in the app
        self.fails: Exception | None = None
        self.refused_names: set[str] = set()  # no number is in the name of these

    def start(self, verification_id: str, applicant: Applicant) -> None:
        self._fail()
        if applicant.name in self.refused_names:
            raise IdentityRefused("unknown_person")
        self.started.append(applicant)
        self.waiting[verification_id] = applicant

    def resend(self, verification_id: str) -> None:
        self._fail()

    def confirm(self, verification_id: str, code: str) -> Person:
        self._fail()
        if code == "" and verification_id not in self.approved:
            raise IdentityRefused("not_yet")
        if code not in ("", CODE):
            raise IdentityRefused("wrong_code")
        applicant = self.waiting.pop(verification_id)
        return self.people.get(applicant.phone) or cast.person(int(applicant.phone[-4:]), name=applicant.name)

    def _fail(self) -> None:
        if self.fails:
            raise self.fails


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeProvider]:
    fake = FakeProvider()
    monkeypatch.setattr(identify, "provider", lambda: fake)
    yield fake


@pytest.fixture(scope="module")
def offered(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Three kinds, live, written once for all tests of a file, each of which rolls back what is its own."""
    with kept_for_a_file(cast.offer_all, blocker=django_db_blocker):
        yield


@pytest.fixture
def offered_anew(transactional_db: None) -> None:
    """The same for a test that commits."""
    cast.offer_all()


@pytest.fixture(autouse=True)
def quick_passwords(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def clock(time_machine: TimeMachineFixture) -> TimeMachineFixture:
    """The clock stands at ten in the morning in Korea; `clock.shift(seconds)` moves it."""
    time_machine.move_to(cast.NOW, tick=False)
    return time_machine
