"""Test the first account of an installation: with a second factor, on record, and only once."""

import re
from base64 import b32decode
from io import StringIO
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from secretary.kernel.models import AuditEvent

pytestmark = pytest.mark.django_db


def make(name: str = "root") -> str:
    out = StringIO()
    call_command("first_administrator", name, stdout=out)
    return out.getvalue()


def test_it_signs_in_with_what_was_printed_once(client: Client) -> None:
    printed = make()
    password = re.search(r"^Password +(\S+)$", printed, re.M)
    address = re.search(r"^otpauth://\S+$", printed, re.M)
    assert password and address
    assert "█" in printed or "▀" in printed
    key = b32decode(parse_qs(urlsplit(address[0]).query)["secret"][0])
    client.post("/admin/login/", {"username": "root", "password": password[1]})
    client.post("/admin/login/code/", {"code": f"{totp(key):06d}"})
    assert client.get("/admin/").status_code == 200
    event = AuditEvent.objects.get(action="first administrator made")
    assert event.actor == "system:first_administrator"
    secrets = (password[1], parse_qs(urlsplit(address[0]).query)["secret"][0], TOTPDevice.objects.get().key)
    for line in AuditEvent.objects.values_list("actor", "action", "object", "reason"):
        assert not any(secret in part for secret in secrets for part in line)


def test_there_is_one_first() -> None:
    make()
    with pytest.raises(CommandError, match="already"):
        make("another")
    assert User.objects.count() == 1


def test_an_administrator_who_was_left_without_a_device_gets_one() -> None:
    User.objects.create_superuser("root", password="of-createsuperuser-1")
    make()
    assert TOTPDevice.objects.get().user.username == "root"


def test_another_persons_name_is_not_taken() -> None:
    User.objects.create_user("official")
    with pytest.raises(CommandError, match="not an administrator"):
        make("official")
    assert not User.objects.get().is_superuser
