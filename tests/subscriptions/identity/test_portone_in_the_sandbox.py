"""Test the PortOne client against the sandbox's PortOne: a complete verification, and the refusals."""

import json
import re
from typing import Any

import pytest

from subscriptions.identity.contract import Applicant, IdentityRefused
from subscriptions.identity.registry import build
from tests.support.present import present
from tests.support.sandbox_process import SandboxProcess


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Any:
    from datetime import date

    from sandbox.populate import populate

    folder = tmp_path_factory.mktemp("portone")
    populate(folder / "sandbox", 5, date(2026, 3, 2), lambda _done: None)
    with SandboxProcess(folder) as running:
        yield running


@pytest.fixture(scope="module")
def sample(sandbox: Any) -> Any:
    return json.loads((sandbox.data / "people.jsonl").read_text(encoding="utf-8").splitlines()[0])


@pytest.fixture
def provider(sandbox: Any) -> Any:
    return build("portone", sandbox.environment)


def applicant(who: Any, **changes: Any) -> Any:
    born = who["birth_date"].replace("-", "")[2:]
    details = {"name": who["name"], "phone": who["phone"], "carrier": who["carrier"], "ip_address": "203.0.113.7"}
    return Applicant(**(details | {"identity_number": born + who["sex_digit"]} | changes))


def code_on_the_phone(sandbox: Any) -> Any:
    return present(re.search(r"\[(\d{6})\]", sandbox.rows(gateway="portone")[-1]["text"])).group(1)


def test_the_code_from_the_phone_proves_who_a_person_is(sandbox: Any, provider: Any, sample: Any) -> None:
    provider.start("ps-a", applicant(sample))
    person = provider.confirm("ps-a", code_on_the_phone(sandbox))
    assert (person.ci, person.name, person.phone) == (sample["ci"], sample["name"], sample["phone"])
    with pytest.raises(IdentityRefused, match="already_confirmed"):
        provider.confirm("ps-a", code_on_the_phone(sandbox))


def test_a_wrong_code_proves_nothing(sandbox: Any, provider: Any, sample: Any) -> None:
    provider.start("ps-b", applicant(sample))
    wrong = f"{(int(code_on_the_phone(sandbox)) + 1) % 1_000_000:06d}"
    with pytest.raises(IdentityRefused, match="wrong_code"):
        provider.confirm("ps-b", wrong)


def test_details_that_do_not_fit_together_are_refused(provider: Any, sample: Any) -> None:
    with pytest.raises(IdentityRefused, match="unknown_person"):
        provider.start("ps-c", applicant(sample, name="남의이름"))
    with pytest.raises(IdentityRefused, match="expired"):
        provider.confirm("ps-never", "123456")


def test_an_answer_in_the_app_proves_who_a_person_is_without_code_and_digits(
    sandbox: Any, provider: Any, sample: Any
) -> None:
    provider.start("ps-app", applicant(sample, method="app", identity_number=""))
    for _ in range(2):
        with pytest.raises(IdentityRefused, match="not_yet"):
            provider.confirm("ps-app", "")
    [shown] = [each for each in sandbox.request("GET", "/phone/api/1")["messages"] if each["channel"] == "pass"]
    assert shown["question"] == "ps-app"
    assert sandbox.request("POST", f"/phone/api/pass/{shown['question']}") == {"approved": True}
    person = provider.confirm("ps-app", "")
    assert (person.ci, person.name, person.phone) == (sample["ci"], sample["name"], sample["phone"])
    provider.start("ps-other", applicant(sample, method="app", identity_number=""))
    provider.resend("ps-other")
    with pytest.raises(IdentityRefused, match="unknown_person"):
        provider.start("ps-who", applicant(sample, method="app", identity_number="", name="김아무개"))
