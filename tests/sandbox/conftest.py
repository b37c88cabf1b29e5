"""One sandbox and one receipts' endpoint for all tests of a file; each test finds them empty."""

from collections.abc import Iterator
from datetime import date

import pytest

from sandbox.populate import populate
from tests.sandbox.receiver import Receiver
from tests.support.sandbox_process import SandboxProcess

TEMPLATE = {"code": "T1", "name": "안내", "title": "", "body": "#{이름}님, #{금액} 안내입니다."}
TODAY = "2026-11-24"


@pytest.fixture(scope="module")
def _receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture(scope="module")
def _sandbox(tmp_path_factory: pytest.TempPathFactory, _receiver: Receiver) -> Iterator[SandboxProcess]:
    folder = tmp_path_factory.mktemp("sandbox")
    sandbox = SandboxProcess(folder, callback_base=_receiver.url)
    populate(sandbox.data, 20, date.fromisoformat(TODAY))
    with sandbox:
        sandbox.register(*({"channel": channel, **TEMPLATE} for channel in ("kakaotalk", "naver", "toss")))
        yield sandbox


@pytest.fixture
def receiver(_receiver: Receiver) -> Receiver:
    _receiver.begin_a_test()
    return _receiver


@pytest.fixture
def sandbox(_sandbox: SandboxProcess, receiver: Receiver) -> SandboxProcess:
    _sandbox.clear_faults()
    _sandbox.request("DELETE", "/control/messages")
    _sandbox.restore_handsets()
    _sandbox.settings(callback_base=receiver.url)
    return _sandbox
