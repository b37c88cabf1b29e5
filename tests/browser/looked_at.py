"""Which test has axe look at which citizens' pages, as it comes to be: read by the tests and by the list alike.

`LOOKED_AT` is what `assert_good` is to have seen, by the name of a route, in each of these tests; one that ends without
fails (conftest.py). tests/citizens/test_looked_at.py asks, without a browser, for a place of each address: here, or
among `NOT_LOOKED_AT`.
"""

from collections.abc import Mapping
from urllib.parse import urlsplit

import pytest
from django.urls import Resolver404, resolve
from playwright.sync_api import Page

# File, test as pytest names it, and the routes.
_TABLE: Mapping[str, Mapping[str, str]] = {
    "test_citizen_pages": {
        "test_every_page_of_the_sign_up_is_accessible_at_every_size_errors_included": (
            "web:landing web:identify web:code web:channels web:data_types web:consent web:check web:done"
        ),
        "test_the_settings_are_accessible_at_every_size": (
            "web:settings web:more web:more_consent web:end web:end_all web:number_code"
        ),
    },
    "test_sign_up_journeys": {
        "test_the_pages_of_the_sign_in_are_accessible_at_every_size": (
            "web:sign_in web:sign_in_code web:settings_identify web:settings_code"
        ),
    },
    "test_preferences": {
        "test_the_preferences_are_accessible_at_every_size_in_every_state": (
            "web:settings_channels web:settings_hours web:settings_calm web:settings_reading web:number "
            "web:toss web:history"
        ),
    },
    "test_seldom_pages": {
        "test_who_cannot_sign_up_or_in_reads_why_and_what_to_do": "web:too_young",
        "test_what_the_settings_say_to_few": "web:settings_family",
    },
    "test_reach_pages": {
        "test_an_office_calls_who_was_not_reached": "web:family",
    },
    "test_inbox_pages": {
        "test_the_inbox": "inbox:list inbox:notice inbox:print",
    },
    "test_year_and_verify_pages": {
        "test_the_year_ahead_and_the_check_of_a_code": "year:ahead year:print year:address verify",
    },
    "test_payment_pages": {
        "test_the_list_and_a_bill": "pay:bills pay:bill pay:print",
        "test_objecting": "pay:objection",
        "test_choosing_and_checking": "pay:choose pay:check",
        "test_waiting_and_what_it_becomes": "pay:order pay:receipt pay:history",
        "test_what_can_go_wrong_after_the_providers_page": "pay:back",
    },
    "test_own_data_pages": {
        "test_a_person_takes_their_data_along": "own_data:overview uses_of_data",
        "test_a_person_sees_who_looked_at_their_data": "own_data:accesses",
        "test_a_person_erases_themselves": "own_data:erase own_data:erased",
    },
    "test_shipped_pages": {
        "test_from_the_landing_page_to_the_end_of_the_sign_up[en]": "trial:trial",
        "test_what_is_mine[en]": "privacy_policy",
    },
}
LOOKED_AT: Mapping[str, frozenset[str]] = {
    f"{file}.{test}": frozenset(routes.split()) for file, tests in _TABLE.items() for test, routes in tests.items()
}
BUTTON = "only posted to, by a button; its answer leads to a page that is looked at"
NOT_LOOKED_AT: Mapping[str, str] = {
    **dict.fromkeys(
        ("web:display", "web:leave", "web:try_again", "web:undo", "web:toss_start", "web:toss_end"), BUTTON
    ),
    **dict.fromkeys(("web:again", "web:sign_in_again", "web:settings_again", "web:number_again"), BUTTON),
    **dict.fromkeys(("web:no_calls", "web:end_family", "own_data:ask", "pay:ask"), BUTTON),
    "web:from_booking_site": "leads on to the sign-up, or to the kinds that can be added",
    "own_data:download": "a file, once the copy is made",
    "inbox:calendar": "a file for a calendar",
    "pay:calendar": "a file for a calendar",
    "year:feed": "read by a calendar, by itself",
    "pay:pdf": "a file",
}

_seen: set[str] = set()


def note(page: Page) -> None:
    """Note the route of a page at which axe has looked; of a page that says that something failed, none. A page whose
    clock a test has replaced does not know how it was answered, and is not noted either."""
    status = page.evaluate("performance.getEntriesByType?.('navigation')?.[0]?.responseStatus")
    if status == 200:
        _seen.update(_routes(page.url))


def _routes(url: str) -> set[str]:
    try:
        return {resolve(urlsplit(url).path).view_name}
    except Resolver404:
        return set()


def begin() -> None:
    _seen.clear()


def conclude(item: pytest.Item) -> None:
    """Fail where the test has not had a look at a page that it is to look at."""
    expected = LOOKED_AT.get(f"{item.path.stem}.{item.name}", frozenset())
    missing = expected - _seen
    assert not missing, f"not looked at, though tests/browser/looked_at.py names this test for it: {sorted(missing)}"
