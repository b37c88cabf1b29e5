"""The fixtures of both jobs: the sandbox's gateways for notices, banks and a carrier for a payment."""

from tests.notifications.conftest import fresh_adapters as fresh_adapters
from tests.notifications.conftest import sandbox as sandbox
from tests.notifications.conftest import sandbox_process as sandbox_process
from tests.payments.conftest import far as far
from tests.payments.web.conftest import provider as provider
