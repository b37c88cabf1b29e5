"""What is set about the site, its sessions and its limits is what it does."""

from contextlib import nullcontext
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import unquote

import pytest
from django.test import Client, RequestFactory

from notifications.channels import registry
from notifications.delivery import gateways
from notifications.intake.sample_feeds import seed_feeds
from notifications.models import AgencyKey, Feed
from secretary import checks
from secretary.kernel.http.standard_webhooks import new_secret
from secretary.kernel.persons import blind_index
from secretary.kernel.persons.blind_index import ci_index
from secretary.kernel.secrets.encryption import Cipher, Undecryptable
from subscriptions.accounts.attempts import TooMany, count
from subscriptions.models import Agency
from subscriptions.registration.register_senior import TooYoungForOffice  # type: ignore[attr-defined]
from subscriptions.web.addresses import client_address
from tests.subscriptions.cast import GRANDMOTHER, NOW, register
from tests.subscriptions.registration.test_register_senior import official

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]
BACKEND = "django.contrib.auth.backends.ModelBackend"
__all__ = ["official"]


def test_field_keys_the_current_one_writes_and_old_ones_read() -> None:
    old, new = b"o" * 32, b"n" * 32
    sealed = Cipher({"old": old}).encrypt(b"x", bound_to="row")
    assert Cipher({"new": new, "old": old}).decrypt(sealed, bound_to="row") == b"x"
    with pytest.raises(Undecryptable):
        Cipher({"new": new}).decrypt(sealed, bound_to="row")


def test_index_key(settings: Any) -> None:
    before = ci_index("someone")
    settings.INDEX_KEY = b"another key of 32 bytes, exactly"
    blind_index._begun.cache_clear()  # derived once per process
    assert ci_index("someone") != before
    blind_index._begun.cache_clear()


@pytest.mark.parametrize("official", [True, False])
def test_official_site(client: Client, settings: Any, official: bool) -> None:
    settings.OFFICIAL_SITE = official
    assert ("공식 전자정부 누리집" in client.get("/").content.decode()) == official


def test_allowed_hosts(client: Client, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["a.example"]
    assert client.get("/", headers={"host": "a.example"}).status_code == 200
    assert client.get("/", headers={"host": "b.example"}).status_code == 400


@pytest.mark.parametrize(("origin", "refused"), [("https://a.example", False), ("https://b.example", True)])
def test_csrf_trusted_origins(settings: Any, origin: str, refused: bool) -> None:
    settings.CSRF_TRUSTED_ORIGINS = ["https://a.example"]
    client = Client(enforce_csrf_checks=True)
    client.get("/sign-up/", follow=True)
    token = "a" * 32
    client.cookies[settings.CSRF_COOKIE_NAME] = token
    answer = client.post("/sign-up/", {"csrfmiddlewaretoken": token}, headers={"origin": origin}, follow=True)
    assert (answer.status_code == 403) == refused


@pytest.mark.parametrize(
    ("proxies", "address"), [(0, "10.0.0.1"), (1, "198.51.100.1"), (2, "203.0.113.9"), (3, "10.0.0.1")]
)
def test_trusted_proxies(settings: Any, proxies: int, address: str) -> None:
    settings.TRUSTED_PROXIES = proxies
    forwarded = {"x-forwarded-for": "203.0.113.9, 198.51.100.1"}
    request = RequestFactory().get("/", REMOTE_ADDR="10.0.0.1", headers=forwarded)
    assert client_address(request) == address


LIMITS = (
    *(f"code_sent_{scope}" for scope in ("session", "phone", "address", "overall")),
    *(f"code_tried_{scope}" for scope in ("session", "phone", "address", "overall")),
    *(f"details_{scope}" for scope in ("session", "pair", "address", "site", "overall")),
    *(f"light_asked_{scope}" for scope in ("session", "phone", "address", "site", "overall")),
    *(f"light_tried_{scope}" for scope in ("session", "phone", "address", "overall")),
    *("code_tried_site", "totp_tried_account", "password_tried_account", "sign_in_address", "sign_in_account"),
)


@pytest.mark.parametrize("name", LIMITS)
def test_limits_of_codes(settings: Any, name: str) -> None:
    most, seconds = settings.ATTEMPT_LIMITS[name]
    settings.ATTEMPT_LIMITS = {**settings.ATTEMPT_LIMITS, name: (2, seconds)}
    for _ in range(2):
        count({name: "x"}, now=NOW)
    with pytest.raises(TooMany):
        count({name: "x"}, now=NOW)
    count({name: "x"}, now=NOW + timedelta(seconds=seconds))
    assert most > 2


@pytest.mark.parametrize("seconds", [1800, 600])
def test_session_seconds(client: Client, settings: Any, django_user_model: Any, seconds: int) -> None:
    settings.SESSION_COOKIE_AGE = seconds
    client.force_login(django_user_model.objects.create_superuser("admin", password="x"), backend=BACKEND)
    client.get("/admin/")
    assert client.cookies[settings.SESSION_COOKIE_NAME]["max-age"] == seconds


@pytest.mark.parametrize(("age", "allowed"), [(75, False), (74, True)])
def test_senior_minimum_age(settings: Any, official: Any, age: int, allowed: bool) -> None:
    """Birth years count: in 2026 those born until the end of 1951 are 75."""
    settings.SENIOR_MINIMUM_AGE = age
    form = replace(GRANDMOTHER, birth_date=date(1952, 1, 1))
    with nullcontext() if allowed else pytest.raises(TooYoungForOffice):
        register(official, form)


@pytest.mark.parametrize("limit", [5, 2])
def test_login_failure_limit_and_cooloff(settings: Any, official: Any, time_machine: Any, limit: int) -> None:
    settings.AXES_FAILURE_LIMIT, settings.AXES_COOLOFF_TIME = limit, timedelta(minutes=10)
    time_machine.move_to(NOW, tick=False)
    client, right = Client(), {"username": "official", "password": "right-password-1"}
    answers = [client.post("/officials/login/", {**right, "password": "wrong"}).status_code for _ in range(limit)]
    assert answers == [200] * (limit - 1) + [429]
    assert client.post("/officials/login/", right).status_code == 429
    time_machine.move_to(NOW + timedelta(minutes=11), tick=False)
    assert client.post("/officials/login/", right).status_code == 302


@pytest.mark.parametrize("channel", ["sms", "kakaotalk", "naver", "toss"])
def test_a_channel_is_carried_by_the_module_that_is_set(settings: Any, channel: str) -> None:
    """Another module of notifications/channels, whatever it is good for."""
    settings.ADAPTER_CONFIG = {item.name: "x" for name in registry.adapters() for item in registry.env_names(name)}
    settings.ADAPTER_CONFIG["SOLAPI_WEBHOOK_NETWORKS"] = ""
    other = "nhn_alimtalk" if channel != "kakaotalk" else "twilio_sms"
    settings.CHANNELS = {**settings.CHANNELS, channel: other}
    gateways.channel.cache_clear()
    assert type(gateways.channel(channel)) is registry.adapters()[other]
    settings.CHANNELS = {**settings.CHANNELS, channel: "carrier_pigeon"}
    assert "carrier_pigeon" in str([error.msg for error in checks.problems()])
    gateways.channel.cache_clear()


def test_callback_base_url(sandbox: Any, settings: Any) -> None:
    """Where gateways are told to report to, and what Twilio's signature is computed over."""
    settings.CALLBACK_BASE_URL = "https://receiver.example"
    gateways.channel.cache_clear()
    given, _ = gateways.channel("sms")._between  # type: ignore[attr-defined]
    assert unquote(given) == "&StatusCallback=https://receiver.example/webhooks/twilio/?ref="


def test_the_sample_agency_and_where_the_sample_feeds_are_pulled_from() -> None:
    for code in ("knpa", "koroad", "kosaf", "nhis", "kdca"):
        Agency.objects.create(code=code, name_ko=code, name_en=code, phone="110")
    secret = new_secret()
    names = ("DATA_GO_KR_BASE_URL", "AGENCY_PUSH_KEY_ID", "AGENCY_PUSH_SECRET")
    seed_feeds(config=dict(zip(names, ("https://data.example", "key-1", secret), strict=True)))
    assert Feed.objects.get(name="koroad-pull").settings["url"].startswith("https://data.example/")
    key = AgencyKey.objects.get()
    assert (key.key_id, key.secret) == ("key-1", secret)
