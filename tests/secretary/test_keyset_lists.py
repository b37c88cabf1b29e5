"""Lists of large tables are paged by key: no count, each row once, forth and back, with the filters kept."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from notifications.models import Delivery, FeedRun, ReceiptEvent
from secretary.kernel.backoffice import keyset
from tests.notifications.cast import MORNING, make_data_type, make_feed
from tests.subscriptions.admin.ninth_type import staff_client

pytestmark = pytest.mark.django_db
LARGE = (
    *("notifications/notice", "notifications/delivery", "notifications/record", "notifications/receiptevent"),
    *("notifications/refusedline", "notifications/ingestbatch", "notifications/pushmessage", "notifications/bundle"),
    *("payments/bill", "payments/payment", "payments/settlement", "payments/ledgerentry", "payments/journal"),
    *("payments/quote", "payments/agencyposting", "subscriptions/citizen", "subscriptions/consent"),
    *("subscriptions/contact", "subscriptions/subscription", "common/auditevent", "common/auditlink"),
)
FILTERED = "/admin/notifications/receiptevent/?gateway=nhn"


@pytest.fixture
def staff(db: None) -> Client:
    return staff_client("root")


def receipts(*gateways: str) -> None:
    ReceiptEvent.objects.bulk_create(
        ReceiptEvent(gateway=gateway, event_id=f"e{number}", verdict="delivered", received_at=MORNING)
        for number, gateway in enumerate(gateways)
    )


def shown(page: str) -> list[int]:
    return [
        int(pk) for pk in re.findall(r'<th class="field-id"><a href="/admin/notifications/receiptevent/(\d+)/', page)
    ]


def link(page: str, rel: str) -> str:
    found = re.search(rf'<a href="([^"]+)" rel="{rel}">', page)
    return unescape(found[1]) if found else ""


def walk(staff: Client, address: str, rel: str) -> list[str]:
    """Return the pages from this one on, by their links."""
    pages, base = [], address.partition("?")[0]
    while address:
        pages.append(staff.get(address).content.decode())
        address = base + href if (href := link(pages[-1], rel)) else ""
    return pages


def test_no_list_of_a_large_table_counts_it(staff: Client) -> None:
    make_data_type()
    for name in LARGE:
        model = next(each for each in admin.site._registry if each._meta.label_lower == name.replace("/", "."))
        for query in ("", "?state=x", "?channel=sms&period=24h", "?o=2"):
            with CaptureQueriesContext(connection) as queries:
                answer = staff.get(f"/admin/{name}/{query}")
            if answer.status_code == 302:
                continue  # it has no such filter
            assert answer.status_code == 200, name
            of_it = [each["sql"] for each in queries if f'"{model._meta.db_table}"' in each["sql"]]
            assert not [sql for sql in of_it if "COUNT(" in sql.upper()], name


def test_each_row_is_shown_once_forth_and_back(staff: Client) -> None:
    receipts(*["nhn", "twilio"] * 125)
    down = walk(staff, "/admin/notifications/receiptevent/", "next")
    rows = [pk for page in down for pk in shown(page)]
    assert rows == list(ReceiptEvent.objects.order_by("-pk").values_list("pk", flat=True))
    assert len(down) == 5 and link(down[0], "prev") == ""
    last = f"/admin/notifications/receiptevent/{link(down[3], 'next')}"
    up = walk(staff, last, "prev")
    assert [shown(page) for page in up] == [shown(page) for page in reversed(down)]


def test_filters_are_kept_and_a_wrong_key_is_the_first_page(staff: Client) -> None:
    receipts(*["nhn", "twilio"] * 75)
    pages = walk(staff, FILTERED, "next")
    assert [len(shown(page)) for page in pages] == [50, 25]
    assert "gateway=nhn" in link(pages[0], "next")
    for wrong in ("x", "1" * 60, "1.5", ""):
        assert shown(staff.get(f"{FILTERED}&after={wrong}").content.decode()) == shown(pages[0])


def test_a_rare_match_is_found_a_part_at_a_time(staff: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyset, "SEEN", 40)
    receipts("nhn", *["twilio"] * 100, "nhn")
    pages = walk(staff, FILTERED, "next")
    assert [len(shown(page)) for page in pages] == [1, 0, 1]
    assert ["일부만" in page for page in pages] == [True, True, False]
    back = walk(staff, f"/admin/notifications/receiptevent/{link(pages[1], 'next')}", "prev")
    assert [pk for page in back for pk in shown(page)] == [shown(pages[2])[0], shown(pages[0])[0]]


def test_a_list_of_a_period_ends_where_the_period_began(
    staff: Client, monkeypatch: pytest.MonkeyPatch, time_machine: Any
) -> None:
    """What is older is not walked through, however many rows of the period the filters leave out."""
    monkeypatch.setattr(keyset, "SEEN", 40)
    time_machine.move_to(MORNING, tick=False)
    rows = [
        Delivery(
            notice_id=1,
            template_id=1,
            fence=number,
            channel="sms",
            state="failed",
            day=MORNING.date(),
            started_at=MORNING - timedelta(days=60 if number < 200 else 0),
        )
        for number in range(100, 300)
    ]
    Delivery.objects.bulk_create(rows)
    pages = walk(staff, "/admin/notifications/delivery/?period=24h&channel=kakaotalk", "next")
    assert len(pages) == 3, "100 rows of the period in three parts, of which the last goes past its beginning"
    assert "일부만" not in pages[-1]


def test_what_a_search_found_is_shown_whole(staff: Client) -> None:
    run = FeedRun.objects.create(feed=_feed(), started_at=MORNING)
    page = staff.get(f"/admin/notifications/feedrun/?pk__in={run.pk}").content.decode()
    assert f"/admin/notifications/feedrun/{run.pk}/" in page and "일부만" not in page


def _feed() -> Any:
    make_data_type()
    return make_feed()
