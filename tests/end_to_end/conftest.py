"""The same far side as the notification tests have."""

from tests.notifications.conftest import fresh_adapters, sandbox, sandbox_process

__all__ = ["fresh_adapters", "sandbox", "sandbox_process"]
