"""Alice, signed in, with a fine, and calendars that read her feed: three libraries, and one that keeps what it read."""

import re
from typing import Any

import pytest
from icalendar import Calendar

from citizens.inbox.calendar_file import sequence_at
from citizens.inbox.kinds import kind_of
from subscriptions.models import Citizen, DataType
from tests.notifications.cast import MORNING, enrol, ingest, make_data_type, record
from tests.payments.cast import make_fine
from tests.payments.web.conftest import prove
from tests.support.present import present

DUE = {"due_on": "2026-04-02", "reduction_ends_on": "2026-03-20"}


class Owner:
    """Alice's browser, and a calendar that has the address of her feed and no session."""

    def __init__(self, client: Any, calendar: Any, alice: Citizen, fine: DataType) -> None:
        self.client, self.calendar, self.alice, self.fine = client, calendar, alice, fine
        self.address = ""

    def page(self, path: str = "/year/") -> str:
        """The text of a page, with the days as they read."""
        page = self.client.get(path).content.decode()
        return re.sub(r'<span class="(?:date|nowrap)">(.*?)</span>', r"\1", page)

    def make(self) -> str:
        """Make an address; its path."""
        page = self.client.post("/year/calendar/", {"make": ""}, follow=True).content.decode()
        [address] = re.findall(r'<p class="secret">http://[^/]+(/[^<]+)</p>', page)
        self.address = address
        return self.address

    def read(self, **extra: Any) -> Any:
        return self.calendar.get(self.address or self.make(), **extra)

    def events(self) -> dict[str, Any]:
        """Field → event; each UID once."""
        found = Calendar.from_ical(self.read().content).walk("VEVENT")
        assert len({event["uid"] for event in found}) == len(found)
        return {re.sub(r"record-\d+-(\w+)@.*", r"\1", str(event["uid"])): event for event in found}

    def entries(self) -> dict[str, tuple[str, str, int]]:
        """Field → day, status, and how far its SEQUENCE is from that of the morning."""
        return {
            field: (str(event["dtstart"].dt), str(event["status"]), int(event["sequence"]) - sequence_at(MORNING))
            for field, event in self.events().items()
        }


@pytest.fixture
def owner_of_fine(db: None, client: Any, far: Any, provider: Any, clock: Any) -> Owner:
    from django.test import Client

    kind_of.cache_clear()
    fine = make_fine()
    alice = enrol(1, fine, channels=["sms"])
    prove(client)
    return Owner(client, Client(), alice, fine)


@pytest.fixture
def owner(owner_of_fine: Owner) -> Owner:
    """With a fine that has two days to come."""
    ingest(record(1, external_id="F", fields=DUE))
    return owner_of_fine


def correct(**values: Any) -> None:
    """The agency sends the fine again."""
    fields = {**DUE, **values.pop("fields", {})}
    ingest(record(1, external_id="F", fields=fields, **values))


def make_vaccination(owner: Owner) -> DataType:
    """A sensitive kind with an appointment, to which Alice subscribes."""
    from subscriptions.models import DataTypeVersion
    from tests.notifications.cast import subscribe

    kind = make_data_type("vaccination", "kdca")
    DataTypeVersion.objects.filter(pk=present(kind.live_version_id)).update(sensitive=True, name_ko="예방접종")
    subscribe(owner.alice, kind)
    return kind
