"""Production refuses what is missing or unsafe, and names the variable and the remedy."""

from pathlib import Path
from typing import Any

import pytest

from secretary import checks
from secretary.env import Misconfigured, parse_lines

SAFE: dict[str, Any] = {
    "ENVIRONMENT": "production",
    "SECRET_KEY": "x" * 60,
    "FIELD_KEYS": {"k1": b"1" * 32},
    "INDEX_KEY": b"2" * 32,
    "CHECK_CODE_KEY": b"3" * 32,
    "ALLOWED_HOSTS": ["secretary.example"],
    "PUBLIC_BASE_URL": "https://secretary.example",
    "ALLOW_PRIVATE_ADDRESSES": False,
    "STAFF_TOTP_REQUIRED": True,
    "TRUSTED_PROXIES": 1,
    "APPROVER_WAIT_HOURS": 72,
    "DEBUG": False,
}


@pytest.fixture
def production(settings: Any) -> Any:
    for name, value in SAFE.items():
        setattr(settings, name, value)
    lines = Path("tests/production.env").read_text(encoding="utf-8").splitlines()
    settings.ADAPTER_CONFIG = parse_lines(lines)
    return settings


def test_safe_values_pass(production: Any) -> None:
    assert checks.check_production() == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", ""),
        ("SECRET_KEY", "short"),
        ("SECRET_KEY", "local-only-not-secret" + "x" * 60),
        ("FIELD_KEYS", {}),
        ("INDEX_KEY", b""),
        ("INDEX_KEY", b"local-development-only-32-bytes!"),
        ("CHECK_CODE_KEY", b"2" * 32),
        ("DEBUG", True),
        ("ALLOWED_HOSTS", []),
        ("ALLOWED_HOSTS", ["*"]),
        ("ALLOWED_HOSTS", ["other.example"]),
        ("PUBLIC_BASE_URL", "http://secretary.example"),
        ("SITE_IN_WORDS_KO", "secretary.example.kr"),
        ("SITE_IN_WORDS_EN", "https://secretary.example"),
        ("SITE_IN_WORDS_KO", "비서\n누리집"),
        ("SITE_IN_WORDS_EN", "a" * (checks.SITE_IN_WORDS_CHARS + 1)),
        ("SITE_IN_WORDS_KO", "🏛 secretary"),
        ("ALLOW_PRIVATE_ADDRESSES", True),
        ("STAFF_TOTP_REQUIRED", False),
        ("TRUSTED_PROXIES", 0),
        ("APPROVER_WAIT_HOURS", 0),
    ],
)
def test_an_unsafe_value_is_named_with_its_remedy(production: Any, name: str, value: Any) -> None:
    if name.startswith("SITE_IN_WORDS_"):
        production.SITE_IN_WORDS = {**production.SITE_IN_WORDS, name[-2:].lower(): value}
    else:
        setattr(production, name, value)
    [error] = checks.check_production()
    assert name in error.msg
    assert error.hint
    with pytest.raises(Misconfigured, match=name):
        checks.refuse_unsafe_start()


def test_a_gateways_missing_variable_is_named(production: Any) -> None:
    del production.ADAPTER_CONFIG["NHN_SECRET_KEY"]
    [error] = checks.check_production()
    assert error.msg.startswith("NHN_SECRET_KEY is not set")


def test_an_unknown_gateway_or_identity_provider_is_named(production: Any) -> None:
    production.CHANNELS = {**production.CHANNELS, "sms": "carrier_pigeon"}
    production.IDENTITY_PROVIDER = "unknown"
    assert [error.msg.split()[0] for error in checks.check_production()] == ["CHANNEL_SMS", "IDENTITY_PROVIDER"]


def test_a_payment_providers_missing_variable_is_named(production: Any) -> None:
    del production.ADAPTER_CONFIG["NAVERPAY_CHAIN_ID"]
    [error] = checks.check_production()
    assert error.msg.startswith("NAVERPAY_CHAIN_ID is not set")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TOSS_PAYMENTS_SECRET_KEY", "test_sk_invented"),
        ("TOSS_PAYMENTS_SECRET_KEY", "test_gsk_invented"),
        ("TOSS_PAYMENTS_CLIENT_KEY", "test_ck_invented"),
        ("KAKAOPAY_CID", "TC0ONETIME"),
        ("NAVERPAY_BASE_URL", "https://dev-pay.paygate.naver.com"),
        ("NAVERPAY_PAGE_URL", "https://test-m.pay.naver.com"),
    ],
)
def test_no_fine_is_paid_with_test_keys(production: Any, name: str, value: str) -> None:
    production.ADAPTER_CONFIG[name] = value
    [error] = checks.check_production()
    assert error.msg.startswith(f"{name} is one of the vendor's test values")
    assert value not in error.msg


def test_the_collection_agency_cannot_be_switched_on(production: Any) -> None:
    production.PAYMENT_PROVIDERS = ["giro", "piggy_bank", "kakaopay"]
    assert [error.id for error in checks.check_production()] == ["secretary.E017", "secretary.E018"]


def test_an_agencys_biller_without_its_settings_is_named(production: Any) -> None:
    del production.ADAPTER_CONFIG["BILLER_KNPA_SECRET"]
    production.PAYMENT_BILLERS = {**production.PAYMENT_BILLERS, "nhis": "pigeon"}
    named = [error.msg.split()[0] for error in checks.check_production()]
    assert named == ["BILLER_KNPA_SECRET", "PAYMENT_BILLERS"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("PAYMENT_DESKS", "PAYMENT_BILLERS"),
        ("DESK_KNPA_URL", "BILLER_KNPA_URL"),
        ("DESK_KNPA_SECRET", "BILLER_KNPA_SECRET"),
        ("PAYMENT_ASK_SECONDS", "PAYMENT_POLL_SECONDS"),
        ("PAYMENT_ASK_MAX_SECONDS", "PAYMENT_POLL_MAX_SECONDS"),
        ("PAYMENT_ASK_SETTLED_DAYS", "PAYMENT_POLL_SETTLED_DAYS"),
        ("WORDING_VALUE_RECORDS", "TEMPLATE_VALUE_RECORDS"),
        ("WORDING_VALUE_HOURS", "TEMPLATE_VALUE_HOURS"),
    ],
)
def test_a_variable_that_is_set_under_its_old_name_alone_is_named_with_its_new_one(
    production: Any, monkeypatch: pytest.MonkeyPatch, old: str, new: str
) -> None:
    monkeypatch.delenv(new, raising=False)
    monkeypatch.setenv(old, "")
    assert checks.check_production() == []  # as in a copied .env
    for name in (old, f"{old}_FILE"):
        with monkeypatch.context() as patch:
            patch.setenv(name, "its-value")
            [error] = checks.check_production()
            assert error.id == "secretary.E032"
            assert error.msg.startswith(f"{old} is not read any more: it is {new} now")
            assert f"Set {new}" in str(error.hint) and "its-value" not in f"{error.msg}{error.hint}"
            with pytest.raises(Misconfigured, match=new):
                checks.refuse_unsafe_start()
            for both in (new, f"{new}_FILE"):
                with monkeypatch.context() as patched:
                    patched.setenv(both, "its-value")
                    assert checks.check_production() == []


def test_a_local_installation_starts_but_is_not_fit_to_deploy(settings: Any) -> None:
    assert checks.check_production() == []
    checks.refuse_unsafe_start()
    assert checks.check_deploy()[0].msg.startswith("ENVIRONMENT")
