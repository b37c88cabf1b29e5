"""Give an account of a test its authenticator app, and read the code that it shows."""

import re
from base64 import b32decode

from django.contrib.auth.models import User
from django_otp.oath import totp

from subscriptions.accounts.second_factor import new_secret
from subscriptions.models import Authenticator


def authenticator(user: User) -> Authenticator:
    device = Authenticator(user=user, name="app")
    device.bin_key = new_secret()
    device.save()
    return device


def shown(device: Authenticator, *, drift: int = 0) -> str:
    return f"{totp(device.bin_key, drift=drift):06d}"


def key_on(page: str) -> str:
    """Return the key in base32 that a page offers for typing."""
    groups = re.search(r'class="typed-key">(.*?)</p>', page, re.S)
    assert groups, "no key on this page"
    return "".join(re.findall(r"<span>([A-Z2-7]+)</span>", groups[1]))


def code_for(page: str) -> str:
    """Return what an app shows into which the key of this page was typed."""
    return f"{totp(b32decode(key_on(page))):06d}"
