import pytest
from django.test import Client

from tests.subscriptions.admin.ninth_type import staff_client


@pytest.fixture
def alice(db: None) -> Client:
    return staff_client("alice")


@pytest.fixture
def bob(db: None) -> Client:
    return staff_client("bob")
