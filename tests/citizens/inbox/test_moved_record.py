"""Every page of the inbox with a record that the agency has moved to another person."""

import pytest

from notifications.delivery.deliver import deliver_due
from notifications.matching.match import match_everything
from notifications.models import Notice
from tests.citizens.inbox.conftest import Reader, send
from tests.notifications.cast import MORNING, enrol, ingest, record
from tests.support.together import Cases
from tests.support.traces import traces_in

pytestmark = pytest.mark.django_db
HERS = {"violation": "비밀위반", "amount": 98765, "plate": "99허9999", "due_on": "2026-04-07"}
TRACES = ("비밀위반", "98765", "98,765", "99허9999", "2026-04-07", "4. 7.", "20260407", "이엘리스")


def test_no_page_of_the_inbox_shows_the_other_persons_record(reader: Reader) -> None:
    enrol(2, reader.fine, channels=["sms"], name="이엘리스")
    send(record(1, external_id="X"))
    ingest(record(2, external_id="X", version=2, fields=HERS))
    match_everything(now=MORNING)
    deliver_due(now=lambda: MORNING)
    mine = Notice.objects.filter(citizen=reader.alice).order_by("pk")
    assert [notice.stage.code for notice in mine] == ["issued", "not_yours"]
    cases = Cases()
    pages = ["/inbox/", "/inbox/?show=to-do", "/inbox/?kind=traffic_fine"]
    pages += [f"/inbox/{notice.pk}/{part}" for notice in mine for part in ("", "print/", "days.ics")]
    for page in pages:
        with cases.case(page):
            text = reader.get(page)
            assert traces_in(text, TRACES) == []
            assert "할 일 남음</span>" not in text
    cases.conclude()
    assert "다른 분의 건입니다" in reader.notice(mine[1])  # its own words stand there, byte for byte
    hers = Notice.objects.exclude(citizen=reader.alice).get()
    assert reader.client.get(f"/inbox/{hers.pk}/").status_code == 404
