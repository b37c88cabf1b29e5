from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from notifications.delivery import compose, gateways
from subscriptions.data_types.load import ensure_service_consent
from subscriptions.models import DataType
from tests.notifications.cast import make_data_type, templates
from tests.support.sandbox_process import SandboxProcess


@pytest.fixture(scope="session")
def sandbox_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    """One sandbox for the whole run of a test process; `sandbox` provides it clean."""
    with SandboxProcess(Path(tmp_path_factory.mktemp("sandbox"))) as process:
        yield process


@pytest.fixture
def sandbox(sandbox_process: SandboxProcess, settings: Any) -> Iterator[SandboxProcess]:
    """The far side of the network, empty and without faults, and the product pointed at it."""
    sandbox_process.request("DELETE", "/control/messages")
    sandbox_process.clear_faults()
    settings.ADAPTER_CONFIG = sandbox_process.environment
    settings.SANDBOX_URL = sandbox_process.url
    settings.TEMPLATE_CONSOLE_URL = sandbox_process.environment["TEMPLATE_CONSOLE_URL"]
    forget_adapters()
    yield sandbox_process
    sandbox_process.restore_callback_base()
    forget_adapters()


def forget_adapters() -> None:
    """Adapters and compiled templates are made once per process; a test has its own."""
    for cached in (gateways.channel, gateways.channel_of_gateway, gateways.channel_facts, compose.sheet):
        cached.cache_clear()


@pytest.fixture(autouse=True)
def fresh_adapters() -> Iterator[None]:
    forget_adapters()
    yield
    forget_adapters()


@pytest.fixture
def missed_fine(sandbox: SandboxProcess) -> DataType:
    """The cast of missed.py: what people can sign up for, with templates at the gateways; the fine, of which it is."""
    ensure_service_consent()
    make_data_type("vaccination")
    data_type = make_data_type()
    sandbox.register(*templates())
    return data_type
