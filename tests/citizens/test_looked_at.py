"""A new page of citizens comes into a browser, or says why not."""

from importlib import import_module

from django.urls import get_resolver

from tests.browser.looked_at import LOOKED_AT, NOT_LOOKED_AT
from tests.citizens.test_every_page import OF_OTHERS, addresses


def test_axe_looks_at_every_page_of_citizens_in_a_browser() -> None:
    """That the tests of the table do look is seen to where they run (tests/browser/conftest.py)."""
    names = {name for path, name in addresses(get_resolver()) if not path.startswith(OF_OTHERS)}
    looked_at = frozenset[str]().union(*LOOKED_AT.values())
    assert sorted(names - looked_at - NOT_LOOKED_AT.keys()) == []
    assert sorted((looked_at | NOT_LOOKED_AT.keys()) - names) == []
    assert sorted(looked_at & NOT_LOOKED_AT.keys()) == []


def test_each_test_of_the_table_is_one() -> None:
    for named in LOOKED_AT:
        module, name = named.partition("[")[0].split(".")
        test = getattr(import_module(f"tests.browser.{module}"), name)
        assert name.startswith("test_") and test.__module__ == f"tests.browser.{module}", named
        assert not [mark for mark in getattr(test, "pytestmark", []) if mark.name.startswith(("skip", "slow"))], named
