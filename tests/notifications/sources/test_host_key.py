"""Test that a key goes only to its own hosts, for any notation of an address."""

import pytest

from notifications.sources.config import BadSetting
from notifications.sources.host_key import ForeignHost, HostKey

KEY = HostKey("hush-hush", frozenset({"apis.data.go.kr", "127.0.0.1:8080", "[::1]:8080"}))


@pytest.mark.parametrize(
    "url",
    [
        "https://apis.data.go.kr/B552657/Records",
        "http://apis.data.go.kr/B552657/Records",
        "https://APIS.data.go.kr:443/",
        "http://127.0.0.1:8080/koroad/records",
        "http://[::1]:8080/",
    ],
)
def test_its_own_hosts_get_it(url: str) -> None:
    assert KEY.for_url(url) == "hush-hush"


@pytest.mark.parametrize(
    "url",
    [
        "https://collector.example/",
        "https://apis.data.go.kr.evil.example/",
        "https://evil.example/apis.data.go.kr/",
        "https://evil.example/#apis.data.go.kr",
        "https://evil.example?@apis.data.go.kr/",
        "https://xapis.data.go.kr/",
        "https://data.go.kr/",
        "https://apis.data.go.kr./",
        "https://apis.data.go.kr:8443/",
        "http://apis.data.go.kr:443/",
        "http://127.0.0.1/",
        "http://127.0.0.1:9/",
        "https://аpis.data.go.kr/",  # the first letter is Cyrillic
    ],
)
def test_no_other_host_gets_it(url: str) -> None:
    with pytest.raises(ForeignHost) as refused:
        KEY.for_url(url)
    assert "hush-hush" not in str(refused.value)


@pytest.mark.parametrize(
    "url", ["", "apis.data.go.kr", "ftp://apis.data.go.kr/", "https://apis.data.go.kr@evil.example/"]
)
def test_what_is_no_plain_web_address_gets_nothing(url: str) -> None:
    with pytest.raises(BadSetting):
        KEY.for_url(url)


def test_it_is_shown_nowhere() -> None:
    assert "hush-hush" not in repr(KEY)
