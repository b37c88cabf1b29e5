"""Test links in templates and values: every form is found, and no name with a dot counts as one."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subscriptions.message_templates.links import REMOVED, Cleared, find_link, spaced_names, without_links
from subscriptions.message_templates.values import writer
from subscriptions.specs import FieldSpec, Words

NAMES = {  # as a notice writes them
    "St.Mary 소아과": "St. Mary 소아과",
    "Dr.Kim 의원": "Dr. Kim 의원",
    "Dr.Oh의원": "Dr. Oh의원",
    "dr.kim": "dr. kim",
    "G.Tower 3층": "G. Tower 3층",
    "J.S.Park 치과": "J.S. Park 치과",
    "Mt.St.Helens": "Mt. St. Helens",
    "St.Mary's": "St. Mary's",
    "가나 Co.,Ltd.": "가나 Co.,Ltd.",
    "가나Co.Ltd": "가나Co. Ltd",
    "Happy.Life 센터": "Happy. Life 센터",
    "안내문.pdf": "안내문. pdf",
    "세종대로 2.5km": "세종대로 2.5km",
    "Y.E.S 의원, U.S.A": "Y.E.S 의원, U.S.A",
    "No.3 출구, e.g. 3": "No.3 출구, e.g. 3",
    "1.가나 2.다라": "1.가나 2.다라",
    "가나.한국도로공사": "가나.한국도로공사",
    "9:00~12:00, 접수:1층": "9:00~12:00, 접수:1층",
    "Tel:02-000-0000": "Tel: 02-000-0000",
    "2026. 3. 14.(토)": "2026. 3. 14.(토)",
}
LINKS = (
    *("pay.example.com", "example.kr", "naver.co.kr", "EVIL.COM", "Naver.Com", "toss.im", "t.me", "happy.shop"),
    *("pay.example.com에서", "국민비서.한국", "국민비서.한국에서", "evil.рф", "例え.com", "еvil.com"),
    *("xn--3e0b707e.xn--3e0b707e", "evil.xn--p1ai", "a.xn--3e0b707e"),
    *("bit.ly/3xYz", "han.gl/ab", "Dr.Kim/pay", "evil.rocks/login", "evil.com?x=1", "Dr.Kim:8080", "evil.com:443"),
    *("192.168.0.1", "192.168.0.1:8080/a", "１９２.168.0.1"),
    *("https://Dr.Kim", "http : //evil", "HTTP://EVIL", "www.Kim", "www .evil", "intent:pay", "javascript:alert(1)"),
    *("ｅｖｉｌ．ｃｏｍ", "evil。com", "evil․com", "evil\u200b.com", "ev\u00adil.com"),
    *("me@evil.com", "me@Dr.Kim", "(evil.com)", "evil.com.", "“evil.com”", "가나,evil.com"),
)
PLACE = FieldSpec("place", "text", "장소", Words("장소", "Place"), max_length=200)


@pytest.mark.parametrize(("value", "written"), NAMES.items())
def test_a_name_with_a_dot_is_a_name_and_written_so_that_no_phone_makes_a_link_of_it(value: Any, written: Any) -> None:
    assert without_links(value) == value
    assert writer(PLACE, "ko")(value) == written
    assert find_link(written) == ""


@pytest.mark.parametrize("link", LINKS)
def test_a_link_is_found_in_every_disguise_and_taken_out_of_a_value(link: Any) -> None:
    assert find_link(f"가나구청 {link} 2층")
    cleared = without_links(f"가나구청 {link} 2층")
    assert isinstance(cleared, Cleared)
    assert REMOVED in cleared and find_link(spaced_names(cleared)) == ""


@given(
    st.lists(st.sampled_from([*NAMES, *LINKS, "가나", " ", ".", ":", "/", "·", "com", "A"]), max_size=5).map("".join)
    | st.text(max_size=40)
)
def test_whatever_a_value_is_nothing_that_is_sent_of_it_can_be_tapped(value: Any) -> None:
    assert find_link(writer(PLACE, "ko")(value)) == ""


TITLES = st.sampled_from(["St", "Dr", "Mr", "Mt", "Prof", "No", "G", "J", "K"])
WORDS = st.from_regex(r"[A-Z][a-z]{2,9}", fullmatch=True)


@given(TITLES, WORDS, st.sampled_from(["", " 의원", "의원", " 3층", "'s", ", 2층", "(본원)"]))
def test_a_title_or_an_initial_before_a_name_is_never_a_link(title: Any, word: Any, behind: Any) -> None:
    value = f"{title}.{word}{behind}"
    assert without_links(value) == value


HOSTS = st.from_regex(r"[a-z][a-z0-9]{2,9}(?:-[a-z0-9]{1,5})?", fullmatch=True)
ENDS = st.sampled_from(["com", "net", "kr", "co.kr", "go.kr", "me", "ly", "io", "xyz", "link", "한국", "xn--3e0b707e"])


@given(
    HOSTS, ENDS, st.sampled_from(["", "/a", ":80", "?q", " 2층", ".", ")"]), st.sampled_from(["", "가나 ", "(", "m."])
)
def test_a_host_with_a_known_end_is_always_a_link(host: Any, end: Any, behind: Any, before: Any) -> None:
    assert REMOVED in without_links(f"{before}{host}.{end}{behind}")
