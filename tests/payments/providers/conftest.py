"""One sandbox for all tests of a file; each finds it without faults."""

from collections.abc import Iterator

import pytest

from tests.sandbox.receiver import Receiver
from tests.support.sandbox_process import SandboxProcess


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture(scope="module")
def _sandbox(tmp_path_factory: pytest.TempPathFactory, receiver: Receiver) -> Iterator[SandboxProcess]:
    with SandboxProcess(tmp_path_factory.mktemp("sandbox"), callback_base=receiver.url) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(_sandbox: SandboxProcess, receiver: Receiver) -> SandboxProcess:
    _sandbox.clear_faults()
    receiver.forget()
    return _sandbox
