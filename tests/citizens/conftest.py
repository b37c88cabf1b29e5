from tests.notifications.conftest import fresh_adapters
from tests.payments.conftest import far
from tests.payments.web.conftest import clock, provider, stranger, visitor

__all__ = ["clock", "far", "fresh_adapters", "provider", "stranger", "visitor"]
