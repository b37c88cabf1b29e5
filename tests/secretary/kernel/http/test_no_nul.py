"""No filter of a list has to expect a NUL, which no text of the database can hold: such an address does not exist."""

from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from tests.notifications.cast import make_data_type
from tests.subscriptions import cast
from tests.subscriptions.admin.ninth_type import staff_client
from tests.support.together import Cases

pytestmark = pytest.mark.django_db


def names(model_admin: Any) -> list[str]:
    """Return the names of the filters of a list, as its address has them."""
    found = [each[0] if isinstance(each, tuple) else each for each in model_admin.list_filter]
    return [f"{each}__exact" if isinstance(each, str) else each.parameter_name for each in found]


def test_a_nul_in_a_filter_of_the_administration_is_an_address_that_does_not_exist() -> None:
    client, cases = staff_client("administrator", superuser=True), Cases()
    client.raise_request_exception = False
    for model, model_admin in admin.site._registry.items():
        page = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        for name in names(model_admin):
            with cases.case(f"{page} {name}"):
                assert client.get(f"{page}?{name}=%00").status_code == 404
    cases.conclude()


def test_a_nul_in_a_filter_of_an_office_is_an_address_that_does_not_exist(client: Client) -> None:
    make_data_type("vaccination")
    cast.official()
    client.post("/officials/login/", {"username": "official", "password": "right-password-1"})
    client.raise_request_exception = False
    page = "/officials/reach/people/?outcome=enough&way="
    assert client.get(f"{page}sms").status_code == 200
    assert client.get(f"{page}%00").status_code == 404
