"""The dashboard: each plot is well-formed and has a table of the same numbers; its cost does not grow with tables."""

import re
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client

from notifications.models import ChannelState, DeliveryHour, YearlyRun
from secretary.kernel.time.clock import now
from secretary.ops.dashboard.durations import percentile
from secretary.ops.dashboard.plots import Bar, draw_bars
from subscriptions.accounts import roles
from tests.subscriptions.admin.ninth_type import staff_client

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]
URL = "/admin/dashboard/"
SVG = "{http://www.w3.org/2000/svg}"


def counted(channel: str, state: str, count: int, *, code: str = "", duration: int = 0, days: int = 0) -> None:
    hour = now().replace(minute=0, second=0, microsecond=0) - timedelta(days=days)
    DeliveryHour.objects.create(hour=hour, channel=channel, state=state, code=code, duration=duration, count=count)


def page(client: Client, period: str = "today") -> str:
    answer = client.get(URL, {"period": period})
    assert answer.status_code == 200
    return answer.content.decode()


def texts(plot: ElementTree.Element) -> list[str]:
    return [str(each.text) for each in plot.iter(f"{SVG}text")]


def test_every_number_of_a_plot_is_in_the_table_beside_it(client: Client) -> None:
    counted("sms", "delivered", 90, duration=6)
    counted("sms", "failed", 10, code="30003 <x>&")
    counted("kakaotalk", "returned", 1200, code="429")
    ChannelState.objects.create(channel="sms", handed=50, troubled=5)
    counts = {"delivered": 1234, "failed": 5}
    YearlyRun.objects.create(year=2026, begun_at=now(), listed_at=now(), counts=counts, counted_at=now())
    html = page(staff_client("operator", roles.OPERATOR))
    panels = re.findall(r'<section class="panel".*?</section>', html, re.S)
    assert len(panels) == 8
    shown = 0
    for panel in panels:
        for svg in re.findall(r"<svg.*?</svg>", panel, re.S):
            plot = ElementTree.fromstring(svg)
            assert plot.get("role") == "img"
            assert plot.find(f"{SVG}title") is not None
            table = re.sub(r"<[^>]+>", "", panel.partition("<table")[2])
            for value in texts(plot)[1::2]:
                assert value in table
                shown += 1
    assert shown == 13
    assert "90.0 %" in html and "1,234" in html and "2026년의 해마다 보내는 안내" in html
    assert "style=" not in "".join(panels)


def test_a_period_has_its_own_hours_and_another_channel_s_none(client: Client) -> None:
    counted("naver", "delivered", 7, days=6)
    operator = staff_client("operator", roles.OPERATOR)
    assert "100.0 %" not in page(operator, "24h")
    assert "100.0 %" in page(operator, "7d")
    assert "100.0 %" not in page(operator, "nonsense")


def test_the_page_costs_the_same_however_much_there_is(django_assert_max_num_queries: Any) -> None:
    for channel in ("sms", "naver", "kakaotalk"):
        for duration in range(20):
            counted(channel, "delivered", 1000, duration=duration)
    operator = staff_client("operator", roles.OPERATOR)
    with django_assert_max_num_queries(15):
        page(operator, "31d")


def test_a_role_without_the_right_gets_nowhere_and_a_reader_sees_it() -> None:
    assert staff_client("writer", roles.WRITER).get(URL).status_code == 403
    assert Client().get(URL).status_code == 302
    assert 'href="/admin/dashboard/"' not in staff_client("writer", roles.WRITER).get("/admin/").content.decode()
    reader = staff_client("reader", roles.READER)
    assert 'href="/admin/dashboard/"' in reader.get("/admin/").content.decode()
    page(reader)


def test_percentiles_come_from_the_steps_and_are_off_by_a_fifth_at_most() -> None:
    assert percentile({}, 50) is None
    counts = {2: 50, 10: 44, 13: 6}  # 2, 32 and 90 seconds at least
    assert percentile(counts, 50) == pytest.approx(2, rel=0.19)
    assert percentile(counts, 94) == pytest.approx(32 * 2**0.25)
    assert percentile(counts, 95) == pytest.approx(2**6.75)


def test_a_long_label_is_cut_in_the_plot_and_a_second_kind_is_hatched() -> None:
    plot = ElementTree.fromstring(draw_bars("x", "t", [Bar("가" * 40, 1, "1"), Bar("b", 0, "0", hatched=True)]))
    assert texts(plot)[0] == f"{'가' * 25}…"
    assert [bar.get("fill") for bar in plot.findall(f"{SVG}rect")] == [None, "url(#x-hatch)"]
    assert "가" * 40 in str(plot.findtext(f"{SVG}desc"))
