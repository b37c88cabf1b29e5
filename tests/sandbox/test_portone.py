"""The identity provider, checked with PortOne's own SDK."""

import re
import uuid

import pytest
from portone_server_sdk import PortOneClient
from portone_server_sdk import errors
from portone_server_sdk.identity_verification import SendIdentityVerificationBodyCustomer

from sandbox import credentials
from sandbox.people import Person, person
from tests.sandbox_process import SandboxProcess

HONG = person(1)


def client_of(sandbox: SandboxProcess, secret: str = credentials.PORTONE_API_SECRET) -> PortOneClient:
    return PortOneClient(secret=secret, base_url=sandbox.url, store_id=credentials.PORTONE_STORE_ID)


def customer(who: Person = HONG, **change: str) -> SendIdentityVerificationBodyCustomer:
    values = {
        "name": who.name,
        "phone_number": who.national,
        "ip_address": "127.0.0.1",
        "identity_number": who.birth_date.replace("-", "")[2:] + who.sex_digit,
        **change,
    }
    return SendIdentityVerificationBodyCustomer(**values)


def send(sandbox: SandboxProcess, id: str, **change: str) -> None:
    operator = change.pop("operator", HONG.carrier)
    client_of(sandbox).identity_verification.send_identity_verification(
        identity_verification_id=id,
        channel_key=change.pop("channel_key", credentials.PORTONE_CHANNEL_KEY),
        customer=customer(**change),
        operator=operator,
        method="SMS",
    )


def code_on_the_phone(sandbox: SandboxProcess) -> str:
    text = sandbox.request("GET", "/phone/api/1")["messages"][-1]["text"]
    found = re.search(r"\d{6}", text)
    assert found is not None
    return found[0]


def test_the_code_on_the_phone_proves_who_it_is(sandbox: SandboxProcess) -> None:
    id = f"identity-{uuid.uuid4()}"
    send(sandbox, id)
    api = client_of(sandbox).identity_verification
    with pytest.raises(errors.PgProviderError):
        api.confirm_identity_verification(identity_verification_id=id, otp="wrong!")
    assert type(api.get_identity_verification(identity_verification_id=id)).__name__ == "ReadyIdentityVerification"
    api.confirm_identity_verification(identity_verification_id=id, otp=code_on_the_phone(sandbox))
    verified = api.get_identity_verification(identity_verification_id=id).verified_customer
    assert (verified.ci, verified.name, verified.birth_date, verified.phone_number) == (
        HONG.ci,
        HONG.name,
        HONG.birth_date,
        HONG.national,
    )
    with pytest.raises(errors.IdentityVerificationAlreadyVerifiedError):
        api.confirm_identity_verification(identity_verification_id=id, otp=code_on_the_phone(sandbox))


def test_a_resent_code_replaces_the_first(sandbox: SandboxProcess) -> None:
    id = f"identity-{uuid.uuid4()}"
    send(sandbox, id)
    api = client_of(sandbox).identity_verification
    api.resend_identity_verification(identity_verification_id=id)
    assert len(sandbox.rows(gateway="portone")) == 2
    api.confirm_identity_verification(identity_verification_id=id, otp=code_on_the_phone(sandbox))


def test_the_sixth_try_is_refused_even_with_the_right_code(sandbox: SandboxProcess) -> None:
    id = f"identity-{uuid.uuid4()}"
    send(sandbox, id)
    api = client_of(sandbox).identity_verification
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
    sandbox: SandboxProcess, change: dict[str, str], error: type[Exception]
) -> None:
    with pytest.raises(error):
        send(sandbox, f"identity-{uuid.uuid4()}", **change)
    assert sandbox.rows(gateway="portone") == []


def test_unknown_ids_and_wrong_secrets_are_refused(sandbox: SandboxProcess) -> None:
    with pytest.raises(errors.IdentityVerificationNotFoundError):
        client_of(sandbox).identity_verification.get_identity_verification(identity_verification_id="none")
    with pytest.raises(errors.UnauthorizedError):
        client_of(sandbox, "wrong").identity_verification.get_identity_verification(identity_verification_id="none")
