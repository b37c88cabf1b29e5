"""Test the first account of an installation: with a second factor, on record, and only once."""

import re
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client

from secretary.kernel.models import AuditEvent
from tests.support.authenticators import authenticator, code_for, key_on

pytestmark = pytest.mark.django_db


def make(name: str = "root") -> str:
    out = StringIO()
    call_command("first_administrator", name, stdout=out)
    return out.getvalue()


def test_it_signs_in_with_what_was_printed_and_sets_up_its_second_factor(client: Client, settings: Any) -> None:
    settings.STAFF_TOTP_REQUIRED = True
    printed = make()
    password = re.search(r"^Password +(\S+)$", printed, re.M)
    assert password and "otpauth" not in printed
    answer = client.post("/admin/login/", {"username": "root", "password": password[1]})
    page = client.get(answer["Location"]).content.decode()
    client.post(answer["Location"], {"code": code_for(page)})
    assert client.get("/admin/")["Location"] == "/admin/password_change/"
    new = "of-my-own-choice-2"
    client.post("/admin/password_change/", {"old": password[1], "new": new, "again": new})
    assert client.get("/admin/").status_code == 200
    event = AuditEvent.objects.get(action="first administrator made")
    assert event.actor == "system:first_administrator"
    secrets = (password[1], key_on(page))
    for line in AuditEvent.objects.values_list("actor", "action", "object", "reason"):
        assert not any(secret in part for secret in secrets for part in line)


def test_there_is_one_first() -> None:
    make()
    authenticator(User.objects.get())
    with pytest.raises(CommandError, match="already"):
        make("another")
    assert User.objects.count() == 1


def test_an_administrator_who_never_set_up_a_second_factor_gets_another_password() -> None:
    user = User.objects.create_superuser("root", password="of-createsuperuser-1")
    make()
    user.refresh_from_db()
    assert not user.check_password("of-createsuperuser-1")


def test_another_persons_name_is_not_taken() -> None:
    User.objects.create_user("official")
    with pytest.raises(CommandError, match="not an administrator"):
        make("official")
    assert not User.objects.get().is_superuser
