"""The identity provider, checked with PortOne's own SDK."""

import re
import uuid
from collections.abc import Iterator

import pytest
from portone_server_sdk import errors
from portone_server_sdk.identity_verification import IdentityVerificationClient, SendIdentityVerificationBodyCustomer

from sandbox.state import credentials
from sandbox.state.people import Person, person
from tests.support.sandbox_process import SandboxProcess

HONG = person(1)


@pytest.fixture(scope="module")
def _client() -> Iterator[IdentityVerificationClient]:
    """One for the file: each loads the certificates of the world twice."""
    secret, store = credentials.PORTONE_API_SECRET, credentials.PORTONE_STORE_ID
    client = IdentityVerificationClient(secret=secret, store_id=store)
    yield client
    client._sync_client.close()


@pytest.fixture
def api(sandbox: SandboxProcess, _client: IdentityVerificationClient) -> IdentityVerificationClient:
    _client._base_url, _client._secret = sandbox.url, credentials.PORTONE_API_SECRET
    return _client


def customer(who: Person = HONG, **change: str) -> SendIdentityVerificationBodyCustomer:
    values = {
        "name": who.name,
        "phone_number": who.national,
        "ip_address": "127.0.0.1",
        "identity_number": who.birth_date.replace("-", "")[2:] + who.sex_digit,
        **change,
    }
    return SendIdentityVerificationBodyCustomer(**values)


def send(api: IdentityVerificationClient, **change: str) -> str:
    """The id of the verification that was started."""
    id = f"identity-{uuid.uuid4()}"
    operator = change.pop("operator", HONG.carrier)
    channel_key = change.pop("channel_key", credentials.PORTONE_CHANNEL_KEY)
    api.send_identity_verification(
        identity_verification_id=id,
        channel_key=channel_key,
        customer=customer(**change),  # type: ignore[arg-type]
        operator=operator,
        method="SMS",
    )
    return id


def code_on_the_phone(sandbox: SandboxProcess) -> str:
    text = sandbox.request("GET", "/phone/api/1")["messages"][-1]["text"]
    found = re.search(r"\d{6}", text)
    assert found is not None
    return found[0]


def test_the_code_on_the_phone_proves_who_it_is(sandbox: SandboxProcess, api: IdentityVerificationClient) -> None:
    id = send(api)
    with pytest.raises(errors.PgProviderError):
        api.confirm_identity_verification(identity_verification_id=id, otp="wrong!")
    assert type(api.get_identity_verification(identity_verification_id=id)).__name__ == "ReadyIdentityVerification"
    api.confirm_identity_verification(identity_verification_id=id, otp=code_on_the_phone(sandbox))
    verified = api.get_identity_verification(identity_verification_id=id).verified_customer  # type: ignore[union-attr]
    assert (verified.ci, verified.name, verified.birth_date, verified.phone_number) == (
        HONG.ci,
        HONG.name,
        HONG.birth_date,
        HONG.national,
    )
    with pytest.raises(errors.IdentityVerificationAlreadyVerifiedError):
        api.confirm_identity_verification(identity_verification_id=id, otp=code_on_the_phone(sandbox))


def test_a_resent_code_replaces_the_first(sandbox: SandboxProcess, api: IdentityVerificationClient) -> None:
    id = send(api)
    api.resend_identity_verification(identity_verification_id=id)
    assert len(sandbox.rows(gateway="portone")) == 2
    api.confirm_identity_verification(identity_verification_id=id, otp=code_on_the_phone(sandbox))


def test_the_sixth_try_is_refused_with_any_code(sandbox: SandboxProcess, api: IdentityVerificationClient) -> None:
    id = send(api)
    for code in ["000000x"] * 5 + [code_on_the_phone(sandbox)]:
        with pytest.raises(errors.PgProviderError):
            api.confirm_identity_verification(identity_verification_id=id, otp=code)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"name": "김아무개"}, errors.PgProviderError),
        ({"phone_number": "01000009999"}, errors.PgProviderError),
        ({"identity_number": "0001013"}, errors.PgProviderError),
        ({"operator": "LGU_MVNO"}, errors.PgProviderError),
        ({"identity_number": ""}, errors.InvalidRequestError),
        ({"phone_number": "010-0000-0001"}, errors.InvalidRequestError),
        ({"channel_key": "wrong"}, errors.ChannelNotFoundError),
    ],
)
def test_whom_the_phone_company_does_not_know_is_refused(
    sandbox: SandboxProcess, api: IdentityVerificationClient, change: dict[str, str], error: type[Exception]
) -> None:
    with pytest.raises(error):
        send(api, **change)
    assert sandbox.rows(gateway="portone") == []


def test_unknown_ids_and_wrong_secrets_are_refused(sandbox: SandboxProcess, api: IdentityVerificationClient) -> None:
    with pytest.raises(errors.IdentityVerificationNotFoundError):
        api.get_identity_verification(identity_verification_id="none")
    api._secret = "wrong"
    with pytest.raises(errors.UnauthorizedError):
        api.get_identity_verification(identity_verification_id="none")
