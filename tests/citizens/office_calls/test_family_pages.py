"""Where a family member is named, seen and withdrawn: the senior's settings, the office's page, 110, and the copy."""

from typing import Any

import pytest
from django.test import Client

from citizens.own_data.parts import PARTS
from citizens.tasks import inform_families
from secretary.kernel.models import AuditEvent
from subscriptions.accounts import roles
from subscriptions.data_types.load import ensure_family_consents, ensure_office_call_consent
from subscriptions.enrolment.merge import merge_into
from subscriptions.enrolment.receipt_numbers import receipt_number
from subscriptions.enrolment.withdraw import live_codes, may_be_called, withdraw_office_calls
from subscriptions.models import Citizen, Consent, FamilyMember, FamilyNumber, Official
from subscriptions.registration.office_records import month_figures
from tests.citizens.office_calls.family_cast import (
    DAUGHTER,
    PHONE,
    TWO_DAYS,
    Gateway,
    agreed,
    another,
    asked,
    missed,
    press,
    register,
)
from tests.notifications.cast import MORNING
from tests.subscriptions import cast
from tests.subscriptions.admin.ninth_type import staff_client
from tests.subscriptions.web.conftest import provider as provider
from tests.subscriptions.web.steps import confirmed
from tests.support.browser_forms import fill_in

pytestmark = pytest.mark.django_db
SETTINGS, NAMED = "/settings/family/", {"family_name": "아들", "family_phone": DAUGHTER, "consent": "yes"}


def text(page: Any) -> str:
    return str(page.content.decode())


def _refuses_what_is_wrong(web: Client, *, own: str) -> None:
    for wrong, words in (
        ({"consent": "no"}, "동의하지 않으시면"),
        ({"family_phone": own}, "본인의 번호입니다"),
        ({"family_name": ""}, "호칭을 적어"),
    ):
        assert words in text(web.post(SETTINGS, NAMED | wrong, follow=True)), wrong


def test_a_senior_names_and_withdraws_in_their_settings(
    client: Client, registering: Official, gateway: Gateway, provider: Any
) -> None:
    ensure_family_consents()
    alice = cast.enrol(cast.person(1), ("sms",), "vaccination")
    web = Client()
    confirmed(web, "/settings/sign-in/")
    assert "동의하신 뒤에 가족을" in text(web.get(SETTINGS))
    web.post(SETTINGS, NAMED)
    assert not FamilyMember.objects.exists()
    Consent.objects.create(
        citizen=alice, text=ensure_office_call_consent(), given_at=MORNING, method="paper", recorded_by=registering
    )
    _refuses_what_is_wrong(web, own="0" + alice.contacts.get(kind="phone").value.removeprefix("+82"))
    refused = web.post(SETTINGS, NAMED | {"consent": "no"})
    assert (refused.status_code, refused["Location"]) == (302, SETTINGS), "the way back posts nothing once more"
    assert 'value="아들"' in text(web.get(SETTINGS))
    page = text(web.post(SETTINGS, NAMED, follow=True))
    assert "아들" in page and "010-****-0077" in page and DAUGHTER not in page and "아직 답이 없음" in page
    assert "위의 가족을 대신합니다" in page
    web.post(SETTINGS, NAMED | {"family_name": "큰아들"})
    assert FamilyMember.objects.get().name == "큰아들"  # the same number is not asked anew
    inform_families()
    assert len(gateway.sent) == 1 and gateway.sent[0].address == PHONE
    shown = text(web.get("/my-data/"))
    assert "가족에게 보낸 문자" in shown and "동의 여부를 여쭘: 보냄" in shown and "큰아들" in shown
    parts = {part.name: list(part.rows(alice.pk)) for part in PARTS if part.name.startswith("family")}
    assert [row["phone"] for row in parts["family_members"]] == [PHONE]
    assert [row["state"] for row in parts["family_texts"]] == ["accepted"]
    assert "철회했습니다" in text(fill_in(web, SETTINGS, action="/settings/family/end/"))
    assert FamilyMember.objects.get().state == "ended"
    for number in ("0091", "0092"):
        web.post(SETTINGS, NAMED | {"family_phone": f"010-0000-{number}"})
    assert "내일 바꿔 주세요" in text(web.post(SETTINGS, NAMED | {"family_phone": "010-0000-0093"}, follow=True))
    assert Client().get(SETTINGS)["Location"] == "/sign-in/"


def test_an_office_names_another_one_later_and_withdraws(
    client: Client, registering: Official, gateway: Gateway
) -> None:
    citizen = register(client, family_consent="no", family_name="", family_phone="")
    page = f"/officials/list/{citizen.pk}/family/"
    assert page in text(client.get(f"/officials/list/{citizen.pk}/"))
    named = {"family_consent": "yes", "family_name": "며느리", "family_phone": DAUGHTER}
    assert "본인의 번호입니다" in text(client.post(page, named | {"family_phone": "010-0000-0005"}, follow=True))
    assert "가족을 적어 주세요" in text(client.post(page, {}, follow=True))
    assert "며느리" in text(client.post(page, named, follow=True))
    client.post(page, named | {"family_name": "손자", "family_phone": "010-0000-0088"})
    assert [member.state for member in FamilyMember.objects.order_by("id")] == ["ended", "asked"]
    client.post(f"{page}end/")
    assert not FamilyMember.objects.filter(state="asked").exists()
    history = text(client.get(f"/officials/list/{citizen.pk}/"))
    assert "가족을 적음" in history and "가족에 대한 동의를 철회함" in history
    plain = register(client, **another(1), **{f"consent_{ensure_office_call_consent().pk}": "no"}, family_consent="no",
                     family_name="", family_phone="")  # fmt: skip
    assert client.get(f"/officials/list/{plain.pk}/family/").status_code == 302


def test_110_stops_it_for_a_caller_by_code_or_number(client: Client, registering: Official, gateway: Gateway) -> None:
    mother, code = agreed(client, gateway)
    father, _other = asked(client, gateway, **another(1))
    screen = staff_client("telephone", roles.CALL_CENTRE)
    page = "/admin/call-centre/family/"
    wrong = fill_in(screen, page, number="AAA-AAA-AAA", reason="전화로 요청함")
    assert "이 코드나 번호를 가진 가족이 없으므로" in text(wrong)
    stopped = text(fill_in(screen, page, number=f" {code.lower()} ", reason="전화로 요청함"))
    assert "최**신" not in stopped and "다시 여쭙지 않습니다" in stopped
    states = FamilyMember.objects.order_by("id").values_list("citizen", "state")
    assert list(states) == [(mother.pk, "ended"), (father.pk, "declined")]
    assert FamilyNumber.objects.get().declined_at is not None
    lines = AuditEvent.objects.filter(action="family.not_wanted")
    assert {(line.citizen_id, line.reason) for line in lines} == {
        (mother.pk, "전화로 요청함"),
        (father.pk, "전화로 요청함"),
    }
    again = text(fill_in(screen, page, number="01000000077", reason="다시 전화함"))
    assert "다시 여쭙지 않습니다" in again
    assert staff_client("reads", roles.READER).get(page).status_code == 403


def test_it_follows_a_senior_into_a_merged_row(
    client: Client, registering: Official, gateway: Gateway, clock: Any
) -> None:
    citizen, _code = agreed(client, gateway)
    other = register(client, **another(1), family_consent="no", family_name="", family_phone="")
    both, _code = agreed(client, gateway, **another(2, family_phone="010-0000-0099"))
    missed(citizen)
    merge_into(other, citizen, actor="system", now=MORNING)
    assert FamilyMember.objects.filter(citizen=other).count() == 1
    clock(TWO_DAYS)
    inform_families()
    assert len(gateway.sent) == 3 and gateway.sent[2].address == PHONE
    merge_into(other, both, actor="system", now=TWO_DAYS)
    kept = FamilyMember.objects.filter(citizen=other).order_by("id").values_list("state", flat=True)
    assert list(kept) == ["agreed", "ended"]  # the row's own stays


def test_the_page_of_a_family_member_says_what_holds(client: Client, registering: Official, gateway: Gateway) -> None:
    _citizen, code = asked(client, gateway)
    page = text(Client().post("/family/", {"code": code.lower().replace("-", " ")}, follow=True))
    for words in (
        "최**신님이 귀하를 가족으로 적으셨습니다",
        "큰딸",
        "010-****-0077",
        "주민센터가 적은 것",
        "다시 묻지 마세요",
    ):
        assert words in page, words
    assert DAUGHTER not in page and "최어르신" not in page and "관리번호" not in page
    assert "최**신님의 소식을 듣는 데 동의하셨습니다" in press("agree", code)
    english = Client(headers={"accept-language": "en"}).post("/family/", {"code": code}, follow=True)
    assert "You have agreed to hear about" in text(english)
    assert "국민비서가 보낸 코드가 아닙니다" in text(Client().post("/family/", {"code": "x"}, follow=True))
    assert Citizen.objects.count() == 1


def test_110_withdraws_the_family_alone_or_with_the_calls(
    client: Client, registering: Official, gateway: Gateway
) -> None:
    """And neither is a withdrawn registration in the office's figures."""
    citizen, _code = agreed(client, gateway)
    screen = staff_client("telephone", roles.CALL_CENTRE)
    fill_in(screen, "/admin/call-centre/", number=receipt_number(citizen), phone="010-0000-0005", why="stop")
    withdraw = "/admin/call-centre/caller/withdraw/"
    answers = {"birth_date": f"{citizen.birth_date:%Y%m%d}", "digits": "0005"}
    assert fill_in(screen, withdraw, what="consent:family", **answers).redirect_chain
    assert not FamilyMember.objects.live().exists() and may_be_called(citizen)
    assert "consent:family" not in screen.get(withdraw).content.decode()
    assert fill_in(screen, withdraw, what="consent:calls", **answers).redirect_chain
    assert not may_be_called(citizen) and live_codes(citizen)
    withdraw_office_calls(citizen=citizen, actor=f"official:{registering.pk}", now=MORNING)
    counted = month_figures(registering.office, MORNING.date().replace(day=1))[MORNING.date()]
    assert counted["citizen.registered"] == 1 and counted["consent.withdrawn"] == 0
