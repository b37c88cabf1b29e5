"""Alice in front of her inbox, with a fine; her phone answers the identity check."""

import html
import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import pytest
import time_machine as travelling
from django.db import connection

from citizens.inbox.kinds import kind_of
from notifications.delivery.deliver import deliver_due
from notifications.matching.match import match_everything
from notifications.models import Notice
from subscriptions.identity.contract import Person
from subscriptions.models import Citizen, DataType
from subscriptions.web import identify
from tests.notifications.cast import MORNING, ci_of, enrol, ingest, phone_of, record, templates
from tests.notifications.conftest import forget_adapters
from tests.notifications.conftest import sandbox as sandbox
from tests.notifications.conftest import sandbox_process as sandbox_process
from tests.payments.cast import make_fine
from tests.payments.conftest import far as far
from tests.payments.web.conftest import prove
from tests.subscriptions.web.conftest import FakeProvider
from tests.support.sandbox_process import SandboxProcess


@pytest.fixture(autouse=True)
def fresh(time_machine: Any) -> Iterator[None]:
    """Ten in the morning of 10 March; nothing that another test has compiled."""
    time_machine.move_to(MORNING, tick=False)
    forget_adapters()
    kind_of.cache_clear()
    yield
    forget_adapters()
    kind_of.cache_clear()


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> FakeProvider:
    fake = FakeProvider()
    monkeypatch.setattr(identify, "provider", lambda: fake)
    for number in (1, 2, 9):
        fake.people[phone_of(number)] = Person(ci_of(number), "홍길동", date(1960, 1, 2), phone_of(number))
    return fake


class Reader:
    """Alice's browser, signed in."""

    def __init__(self, client: Any, alice: Citizen, fine: DataType, sandbox: SandboxProcess) -> None:
        self.client, self.alice, self.fine, self.sandbox = client, alice, fine, sandbox

    def sign_in(self) -> None:
        prove(self.client)

    def get(self, path: str = "/inbox/") -> str:
        """The text of the page, with the days as they read: their markup, which keeps them on one line, is left out."""
        answer = self.client.get(path)
        assert answer.status_code == 200, f"{path}: {answer.status_code}"
        page = html.unescape(answer.content.decode()).replace("\xa0", " ")
        return re.sub(r'<span class="(?:date|nowrap)">(.*?)</span>', r"\1", page)

    def notice(self, notice: Notice | None = None) -> str:
        return self.get(f"/inbox/{(notice or Notice.objects.latest('pk')).pk}/")

    def english(self, on: bool = True) -> None:
        self.client.cookies["django_language"] = "en" if on else "ko"


def clock_of(cursor: Any) -> datetime:
    cursor.execute("SELECT clock_timestamp()")
    return cursor.fetchone()[0]


def send(*records: dict[str, Any], now: Any = MORNING) -> list[Notice]:
    """These records come in, and what is due about them goes out."""
    before = set(Notice.objects.values_list("pk", flat=True))
    ingest(*(records or (record(1),)), now=now)
    match_everything(now=now)
    with connection.cursor() as cursor, travelling.travel(clock_of(cursor)):  # gateways compare signatures with theirs
        deliver_due(now=lambda: now)
    return list(Notice.objects.exclude(pk__in=before).order_by("pk"))


@pytest.fixture
def reader(client: Any, sandbox: SandboxProcess, far: Any, provider: FakeProvider) -> Reader:
    fine = make_fine()
    sandbox.register(*templates())
    alice = enrol(1, fine, channels=["kakaotalk", "sms"])
    prove(client)
    return Reader(client, alice, fine, sandbox)
