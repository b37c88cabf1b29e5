from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from tests.subscriptions.admin.ninth_type import draft_ninth_type, staff_client


@pytest.fixture(scope="module")
def draft(django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """The address of a draft that alice wrote through the pages, once for all tests of a file.

    A test's changes are rolled back to here afterwards: its transaction is a savepoint in this one.
    """
    with django_db_blocker.unblock(), transaction.atomic():
        yield draft_ninth_type(staff_client("alice"))
        transaction.set_rollback(True)


@pytest.fixture
def alice(db: None) -> Client:
    return staff_client("alice")


@pytest.fixture
def bob(db: None) -> Client:
    return staff_client("bob")
