"""Which worker of a parallel run gets which tests (tests/conftest.py loads this).

A file stays on one worker, since its tests share what the first of them has made; so do files that share a running
service. What takes longest comes first, so that all workers end at about the same time.
"""

from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

SERVICE = "one running service"  # tests/faults/rig/service.py
SHARED = {
    "tests/faults/test_deployment.py": SERVICE,
    "tests/faults/test_erased_and_killed.py": SERVICE,
    "tests/faults/test_gateways.py": SERVICE,
    "tests/faults/test_killed.py": SERVICE,
    "tests/faults/test_monkey.py": SERVICE,
    "tests/faults/test_outlived.py": SERVICE,
    "tests/faults/test_servers.py": SERVICE,
    "tests/faults/test_wrong_clocks.py": SERVICE,
    "tests/end_to_end/test_browser_journey.py": SERVICE,
}
LONGEST_FIRST = (  # by CPU and waiting together; what waits for processes stands beside what does not
    SERVICE,
    "tests/secretary/test_admin_roles.py",
    "tests/end_to_end/test_run_script.py",
    "tests/test_interrupted.py",
    "tests/payments/histories/test_every_sentence.py",
    "tests/end_to_end/test_first_start.py",
    "tests/test_hostile_input.py",
    "tests/browser/test_payment_pages.py",
    "tests/payments/histories/test_simulation.py",
    "tests/secretary/test_receiver.py",
    "tests/faults/test_full_disk.py",
    "tests/secretary/ops/test_migrate.py",
    "tests/notifications/test_lives.py",
    "tests/notifications/matching/test_make_again.py",
    "tests/benchmarks/test_pipeline_counts.py",
    "tests/browser/test_citizen_pages.py",
    "tests/end_to_end/test_odd_names.py",
    "tests/end_to_end/test_vaccination.py",
    "tests/subscriptions/web/test_at_once.py",
    "tests/subscriptions/admin/test_data_type_editor.py",
    "tests/subscriptions/enrolment/test_same_person.py",
    "tests/subscriptions/admin/test_editor_in_a_browser.py",
    "tests/browser/test_code_page.py",
    "tests/subscriptions/data_types/test_load_catalogue.py",
    "tests/browser/test_paying.py",
    "tests/subscriptions/accounts/test_sign_in_limits.py",
    "tests/test_image.py",
    "tests/secretary/local/test_servers.py",
    "tests/faults/test_delivery_model.py",
    "tests/browser/test_official_pages.py",
    "tests/end_to_end/test_ninth_data_type.py",
)
RANK = {unit: rank for rank, unit in enumerate(LONGEST_FIRST)}


def unit_of(nodeid: str) -> str:
    file = nodeid.split("::", 1)[0]
    return SHARED.get(file, file)


def sort_by_length(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: RANK.get(unit_of(item.nodeid), len(RANK)))


class Dealer(LoadScopeScheduling):
    def _split_scope(self, nodeid: str) -> str:
        return unit_of(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Dealer:
    config.option.loadscopereorder = False  # the number of tests says nothing of their length
    return Dealer(config, log)
