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
    "tests/faults/test_outage.py": SERVICE,
    "tests/faults/test_outlived.py": SERVICE,
    "tests/faults/test_servers.py": SERVICE,
    "tests/faults/test_wrong_clocks.py": SERVICE,
    "tests/end_to_end/test_browser_journey.py": SERVICE,
}
LONGEST_FIRST = (  # by CPU and waiting together; what waits for processes stands beside what does not
    SERVICE,
    "tests/browser/test_shipped_pages.py",
    "tests/end_to_end/test_run_script.py",
    "tests/secretary/test_admin_roles.py",
    "tests/test_hostile_input.py",
    "tests/browser/test_whole_admin.py",
    "tests/test_interrupted.py",
    "tests/end_to_end/test_first_start.py",
    "tests/browser/test_payment_pages.py",
    "tests/benchmarks/test_pipeline_counts.py",
    "tests/browser/test_citizen_pages.py",
    "tests/secretary/test_korean_pages.py",
    "tests/faults/test_full_disk.py",
    "tests/browser/test_official_pages.py",
    "tests/secretary/test_receiver.py",
    "tests/browser/test_staff_sign_in_pages.py",
    "tests/secretary/local/test_servers.py",
    "tests/browser/test_own_data_pages.py",
    "tests/browser/test_sign_up_journeys.py",
    "tests/browser/test_preferences.py",
    "tests/test_migrations.py",
    "tests/browser/test_code_page.py",
    "tests/browser/test_paying.py",
    "tests/subscriptions/admin/test_data_type_editor.py",
    "tests/browser/test_records_of_staff_and_agencies.py",
    "tests/citizens/test_every_page.py",
    "tests/subscriptions/admin/test_editor_in_a_browser.py",
    "tests/browser/test_operator_pages.py",
    "tests/browser/test_inbox_pages.py",
    "tests/secretary/local/test_forks.py",
    "tests/subscriptions/web/officials/test_outsiders.py",
    "tests/end_to_end/test_vaccination.py",
    "tests/browser/test_reach_pages.py",
    "tests/browser/test_seldom_pages.py",
    "tests/subscriptions/admin/test_editor_keeps_drafts.py",
    "tests/test_layout.py",
    "tests/test_unused.py",
    "tests/test_words.py",
    "tests/end_to_end/test_odd_names.py",
    "tests/subscriptions/admin/test_second_person.py",
    "tests/secretary/ops/test_migrate.py",
    "tests/notifications/test_lives.py",
    "tests/browser/test_payment_windows.py",
    "tests/browser/test_year_and_verify_pages.py",
    "tests/payments/histories/test_simulation.py",
    "tests/payments/histories/test_every_sentence.py",
    "tests/notifications/matching/test_make_again.py",
    "tests/subscriptions/web/test_at_once.py",
    "tests/subscriptions/enrolment/test_same_person.py",
    "tests/subscriptions/data_types/test_load_catalogue.py",
    "tests/subscriptions/accounts/test_sign_in_limits.py",
    "tests/test_image.py",
    "tests/faults/test_delivery_model.py",
    "tests/end_to_end/test_ninth_data_type.py",
    "tests/payments/tariffs/test_owed_at_intake.py",
    "tests/notifications/admin/test_notice_pages.py",
    "tests/subscriptions/data_types/test_load_drafts.py",
    "tests/subscriptions/admin/test_publication.py",
    "tests/citizens/inbox/test_true.py",
    "tests/subscriptions/admin/test_write_whole.py",
    "tests/browser/test_call_centre_pages.py",
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
