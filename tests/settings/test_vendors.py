"""What is set about a vendor is what it is called with: the sandbox, which knows its own, refuses anything else."""

import json
import re
from datetime import date
from typing import Any

import pytest

from notifications.channels import registry as channels
from notifications.channels.contract import Message, Verdict
from notifications.intake.read_feed import connector_for
from notifications.sources.contract import SourceRefused, SourceUnavailable
from payments.billers import registry as billers
from payments.billers.contract import BillerRefused, BillerUnavailable
from payments.providers.contract import ProviderRefused, ProviderUnavailable
from payments.providers.contract import Verdict as Paid
from sandbox.populate import populate
from subscriptions.identity import registry as identity
from subscriptions.identity.contract import Applicant, IdentityRefused, IdentityUnavailable
from tests.notifications.cast import make_data_type, make_feed
from tests.payments.providers.samples import build, order
from tests.support.payer import pay
from tests.support.sandbox_process import SandboxProcess

NOWHERE = "http://127.0.0.1:9"
TEMPLATE = {"code": "T", "name": "T", "title": "", "body": "#{이름}님, 안내합니다"}
SENDS = {
    "sms": ("twilio_sms", {"TWILIO_ACCOUNT_SID": "AC" + "1" * 32, "TWILIO_AUTH_TOKEN": "x",
                           "TWILIO_FROM": "+15005550001", "TWILIO_BASE_URL": NOWHERE}),
    "kakaotalk": ("nhn_alimtalk", {"NHN_APP_KEY": "x", "NHN_SECRET_KEY": "x", "NHN_SENDER_KEY": "x" * 40,
                                   "NHN_BASE_URL": NOWHERE}),
    "naver": ("solapi_smart_notification", {"SOLAPI_API_KEY": "x", "SOLAPI_API_SECRET": "x", "SOLAPI_TALK_ID": "x",
                                            "SOLAPI_SENDER": "0299999999", "SOLAPI_BASE_URL": NOWHERE}),
    "toss": ("apps_in_toss", {"APPS_IN_TOSS_CERT": "/none.pem", "APPS_IN_TOSS_KEY": "/none.key",
                              "APPS_IN_TOSS_CA": "/none.ca", "APPS_IN_TOSS_BASE_URL": "https://127.0.0.1:9"}),
}  # fmt: skip
SENT = [(channel, name) for channel, (_, changed) in SENDS.items() for name in changed]


def send(sandbox: SandboxProcess, channel: str, **changed: str) -> Verdict:
    module, _ = SENDS[channel]
    address = "443000001" if channel == "toss" else "+821000000001"
    message = Message("ps-1", address, "T", "", "홍길동님, 안내합니다", {"이름": "홍길동"})
    adapter = channels.build(module, {**sandbox.environment, **changed}, callback_url="http://127.0.0.1:9/")
    [outcome] = adapter.send([message], batch_key="batch")
    return outcome.verdict


@pytest.mark.parametrize(("channel", "name"), SENT, ids=lambda value: value)
def test_a_gateway_is_called_with_what_is_set(sandbox: SandboxProcess, channel: str, name: str) -> None:
    if channel != "sms":
        sandbox.register({**TEMPLATE, "channel": channel})
    sent = (Verdict.ACCEPTED, Verdict.DELIVERED)
    assert send(sandbox, channel) in sent
    assert send(sandbox, channel, **{name: SENDS[channel][1][name]}) not in sent


PAYS = {
    "TOSS_PAYMENTS_SECRET_KEY": "test_sk_other",
    "TOSS_PAYMENTS_CLIENT_KEY": "test_ck_other",
    "TOSS_PAYMENTS_BASE_URL": NOWHERE,
    "TOSS_PAYMENTS_SCRIPT_URL": "https://other.example/script",
    "TOSS_PAYMENTS_ORIGINS": "https://other.example",
    "KAKAOPAY_SECRET_KEY": "OTHER",
    "KAKAOPAY_CID": "TC0OTHER00",
    "KAKAOPAY_BASE_URL": NOWHERE,
    "NAVERPAY_CLIENT_ID": "other",
    "NAVERPAY_CLIENT_SECRET": "other",
    "NAVERPAY_CHAIN_ID": "other",
    "NAVERPAY_PARTNER_ID": "np_other",
    "NAVERPAY_BASE_URL": NOWHERE,
    "NAVERPAY_PAGE_URL": "https://other.example",
}


def journey(sandbox: SandboxProcess, name: str, **changed: str) -> tuple[str, Paid | None]:
    """What `begin` hands out, and how paying ends; None where the provider did not let it begin."""
    provider, wanted = build(name, {**sandbox.environment, **changed}), order()
    try:
        begun = provider.begin(wanted)
    except (ProviderRefused, ProviderUnavailable):
        return "", None
    try:
        back = pay(begun)
    except Exception:
        return str(begun), None  # a page that is not there
    returned = provider.read_return(back.query)
    if not returned.vendor_id:
        returned = type(returned)(**{**_fields(returned), "vendor_id": begun.vendor_id})
    return str(begun), provider.confirm(wanted, returned, key=wanted.order_id).verdict


def _fields(row: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in row.__dataclass_fields__}


@pytest.mark.parametrize("name", PAYS)
def test_a_payment_provider_is_called_with_what_is_set(sandbox: SandboxProcess, name: str) -> None:
    provider = {"TOSS": "toss_payments", "KAKA": "kakaopay", "NAVE": "naverpay"}[name[:4]]
    begun, paid = journey(sandbox, provider)
    assert paid is Paid.PAID
    other, ended = journey(sandbox, provider, **{name: PAYS[name]})
    assert ended is not Paid.PAID or (PAYS[name] in other and PAYS[name] not in begun)


@pytest.mark.parametrize(
    ("name", "value"),
    [("BILLER_KNPA_URL", NOWHERE), ("BILLER_KNPA_SECRET", "whsec_c2VjcmV0LW9mLXRoZS10ZXN0cy0wMDAwMDAwMDAwMDA=")],
)
def test_an_agencys_biller_is_asked_with_what_is_set(sandbox: SandboxProcess, name: str, value: str) -> None:
    fine = {"external_id": "S-1", "data_type": "traffic_fine", "version": 1, "state": "open", "fields": {}}
    sandbox.request("POST", "/control/agencies/knpa/records", [fine])

    def poll(**changed: str) -> Any:
        environment = {**sandbox.environment, **changed}
        return billers.build("http_biller", environment, agency_code="knpa", allow_private=True).poll("S-1")

    assert poll() is not None
    with pytest.raises((BillerRefused, BillerUnavailable)):
        poll(**{name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORTONE_API_SECRET", "other"),
        ("PORTONE_STORE_ID", "store-other"),
        ("PORTONE_CHANNEL_KEY", "channel-key-other"),
        ("PORTONE_BASE_URL", NOWHERE),
    ],
)
def test_identity_is_proved_with_what_is_set(tmp_path_factory: Any, name: str, value: str) -> None:
    folder = tmp_path_factory.mktemp("portone")
    populate(folder / "sandbox", 2, date(2026, 3, 2), lambda _: None)
    with SandboxProcess(folder) as running:
        who = json.loads((running.data / "people.jsonl").read_text(encoding="utf-8").splitlines()[0])
        number = re.sub("-", "", who["birth_date"])[2:] + who["sex_digit"]
        applicant = Applicant(
            name=who["name"],
            phone=who["phone"],
            carrier=who["carrier"],
            ip_address="203.0.113.7",
            identity_number=number,
        )
        identity.build("portone", running.environment).start("v-1", applicant)
        with pytest.raises((IdentityRefused, IdentityUnavailable)):
            identity.build("portone", {**running.environment, name: value}).start("v-2", applicant)


@pytest.mark.django_db
def test_the_service_key_of_data_go_kr_is_the_one_that_is_set(sandbox: SandboxProcess, settings: Any) -> None:
    make_data_type("licence_renewal", "koroad")
    feed = make_feed("koroad-pull", "koroad")
    feed.kind, feed.settings = "http_pull", {"url": f"{sandbox.environment['DATA_GO_KR_BASE_URL']}/koroad/records"}
    list(connector_for(feed).pages({}))
    settings.ADAPTER_CONFIG = {**sandbox.environment, "DATA_GO_KR_SERVICE_KEY": "wrong"}
    with pytest.raises((SourceRefused, SourceUnavailable)):
        list(connector_for(feed).pages({}))
