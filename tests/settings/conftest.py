"""The far sides that the other tests have."""

from tests.notifications.conftest import fresh_adapters, sandbox, sandbox_process
from tests.payments.conftest import far

__all__ = ["far", "fresh_adapters", "sandbox", "sandbox_process"]
