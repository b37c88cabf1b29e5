from typing import Any

import pytest

from subscriptions.web.addresses import networks_of


@pytest.mark.parametrize(
    ("address", "networks"),
    [
        ("203.0.113.5", ("203.0.113.5", "")),
        ("2001:db8:1:2:3:4:5:6", ("2001:db8:1:2::/64", "2001:db8:1::/48")),
        ("::ffff:203.0.113.5", ("203.0.113.5", "")),
        ("no address", ("no address", "")),
        ("", ("", "")),
    ],
)
def test_an_ipv6_visitor_is_a_line_within_a_site(address: Any, networks: Any) -> None:
    assert networks_of(address) == networks
