"""The collection agency's port keeps its place and cannot be taken for a provider that works."""

from datetime import date

import pytest

from payments.providers import registry
from payments.providers.contract import (
    Callback,
    ForgedCallback,
    ProviderRefused,
    RefundVerdict,
    Returned,
    Verdict,
)
from tests.payments.providers.samples import order

GIRO = registry.ports()["giro"]()


def test_it_is_a_port_and_no_provider() -> None:
    assert "giro" not in registry.providers()
    with pytest.raises(LookupError, match="giro"):
        registry.build("giro", {})


def test_it_opens_nothing_takes_nothing_and_gives_nothing_back() -> None:
    with pytest.raises(ProviderRefused, match="not_published"):
        GIRO.begin(order())
    assert GIRO.confirm(order(), Returned("", "v"), key="k").verdict is Verdict.DECLINED
    assert GIRO.poll(order_id="o", vendor_id="v").verdict is Verdict.UNKNOWN
    back = GIRO.refund(order_id="o", vendor_id="v", amount=1, remainder=1, reason="-", key="k")
    assert back.verdict is RefundVerdict.REFUSED
    assert GIRO.read_return({"anything": "x"}).code == "not_published"
    with pytest.raises(ForgedCallback):
        GIRO.receive(Callback({}, b"", {}))
    with pytest.raises(ProviderRefused, match="not_published"):
        GIRO.settlements(date(2026, 11, 25))
