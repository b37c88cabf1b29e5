from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from time_machine import TimeMachineFixture

from secretary.kernel.database.retry import Busy
from secretary.kernel.models import AuditEvent
from subscriptions.enrolment.consent_texts import live_data_types, texts_for
from subscriptions.models import Citizen, Subscription
from subscriptions.web.officials import register
from tests.subscriptions import cast
from tests.support.authenticators import authenticator, shown

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("offered", "still_clock")]
PASSWORD = {"username": "official", "password": "right-password-1"}


@pytest.fixture
def official() -> Any:
    return cast.official()


@pytest.fixture
def signed_in(client: Client, official: Any) -> Any:
    client.post("/officials/login/", PASSWORD)
    return official


def paper(**changes: Any) -> Any:
    typed = {
        "paper_form": "A-1",
        "name": "최어르신",
        "birth_date": "1948.05.09",
        "phone": "010-0000-0005",
        "channel": "sms",
    }
    return typed | {f"consent_{text.id}": "yes" for text in texts_for(live_data_types(["vaccination"]))} | changes


@pytest.mark.parametrize(
    "path",
    ["/officials/", "/officials/list/", "/officials/list/00000000-0000-7000-8000-000000000000/", "/officials/slip/"],
)
def test_only_officials_come_in(client: Client, path: Any) -> None:
    assert client.get(path)["Location"] == "/officials/login/"


def test_a_citizens_account_or_a_dismissed_official_is_refused_as_a_wrong_password_is(
    client: Client, official: Any, django_user_model: Any
) -> None:
    django_user_model.objects.create_user("clerk", password="right-password-1")
    official.active = False
    official.save()
    for username in ("clerk", "official", "unknown"):
        page = client.post("/officials/login/", PASSWORD | {"username": username})
        assert "아이디 또는 비밀번호가 맞지 않습니다" in page.content.decode()


def test_five_failures_lock_the_account_for_a_while(client: Client, official: Any) -> None:
    for _ in range(5):
        page = client.post("/officials/login/", PASSWORD | {"password": "wrong"})
    assert page.status_code == 429
    assert client.post("/officials/login/", PASSWORD).status_code == 429


def test_an_official_registers_a_senior_and_gets_a_slip(client: Client, signed_in: Any) -> None:
    page = client.post("/officials/", paper(), follow=True)
    assert page.redirect_chain[-1][0] == "/officials/slip/"
    assert "A-1" in page.content.decode()
    assert "최어르신" not in page.content.decode()
    citizen = Citizen.objects.get()
    assert citizen.consents.filter(recorded_by=signed_in, method="paper").count() == 2


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"birth_date": "19600101"}, "올해 만 75세가 되거나"),
        ({"birth_date": "19480231"}, "없는 날짜"),
        ({"birth_date": "18480509"}, "1900년부터"),
        ({"birth_date": "20480509"}, "1900년부터"),
        ({"birth_date": "4859"}, "숫자 8자리"),
        ({"phone": "02-123-4567"}, "유선전화"),
        ({"phone": "010-000-1234"}, "010 뒤에는 숫자 8자리"),
        ({"phone": "010-CALL-1234"}, "번호에 글자가"),
        ({"phone": "0502-0000-1234"}, "안심번호"),
        ({"phone": "012-000-1234"}, "휴대전화번호가 아닙니다"),
        ({"phone": "011-000-1234"}, "010으로 바뀌었습니다"),
        ({"paper_form": " "}, "신청서에 인쇄된 번호"),
    ],
)
def test_mistakes_are_explained_beside_the_field_and_nothing_is_written(
    client: Client, signed_in: Any, changes: Any, words: Any
) -> None:
    assert words in client.post("/officials/", paper(**changes), follow=True).content.decode()
    assert not Citizen.objects.exists()


def test_a_refused_consent_registers_no_senior(client: Client, signed_in: Any) -> None:
    [text] = [text for text in texts_for(live_data_types(["vaccination"])) if text.code == "vaccination"]
    page = client.post("/officials/", paper(**{f"consent_{text.id}": "no"}), follow=True)
    assert "이 항목에 동의하지 않으면" in page.content.decode()
    assert not Citizen.objects.exists()


def test_a_duplicate_is_warned_about_and_recorded_once_confirmed(client: Client, signed_in: Any) -> None:
    client.post("/officials/", paper())
    page = client.post("/officials/", paper(paper_form="A-2"), follow=True).content.decode()
    assert "우리 기관 목록에 있습니다" in page
    assert client.post("/officials/", paper(paper_form="A-2", confirmed="on"))["Location"] == "/officials/slip/"
    assert Citizen.objects.count() == 1


def test_another_office_learns_nothing_more_than_already_registered(client: Client, signed_in: Any) -> None:
    cast.register(cast.official("other", "9911052000"))
    page = client.post("/officials/", paper(), follow=True).content.decode()
    assert "이미 등록된 분입니다" in page
    assert "우리 기관 목록에 있습니다" not in page


def test_the_list_is_masked_and_its_reading_is_on_record(client: Client, signed_in: Any) -> None:
    cast.register(signed_in)
    page = client.get("/officials/list/").content.decode()
    assert "최**신" in page
    assert "010-****-0005" in page
    assert "최어르신" not in page
    assert AuditEvent.objects.filter(action="registrations.listed", actor=f"official:{signed_in.id}").exists()


def test_the_list_asks_the_database_the_same_number_of_times_for_many(client: Client, signed_in: Any) -> None:
    counted = []
    for number, sign in enumerate("가나다라마바사아자차카타"):
        phone = f"+8210000010{number:02d}"
        cast.register(signed_in, cast.PaperForm(f"A-{number}", f"어르신{sign}", cast.GRANDMOTHER.birth_date, phone))
        if number in (0, 1, 11):  # the first reading also fills what is kept
            with CaptureQueriesContext(connection) as statements:
                page = client.get("/officials/list/").content.decode()
            assert page.count("010-****-10") == number + 1
            counted.append(len(statements))
    assert counted[1] == counted[2] <= 16


def test_showing_a_senior_in_clear_takes_a_reason_and_is_on_record(client: Client, signed_in: Any) -> None:
    citizen = cast.register(signed_in)
    path = f"/officials/list/{citizen.pk}/"
    assert "최어르신" not in client.get(path).content.decode()
    assert "최어르신" not in client.post(path, {"reason": ""}, follow=True).content.decode()
    page = client.post(path, {"reason": "본인 문의 확인"}, follow=True).content.decode()
    assert "최어르신" in page
    assert "010-0000-0005" in page
    event = AuditEvent.objects.get(action="registration.revealed")
    assert (event.citizen_id, event.reason) == (citizen.pk, "본인 문의 확인")


def test_another_offices_id_is_not_found_and_on_record(client: Client, signed_in: Any) -> None:
    citizen = cast.register(cast.official("other", "9911052000"))
    for path in (f"/officials/list/{citizen.pk}/", f"/officials/list/{citizen.pk}/end/"):
        assert client.post(path, {"reason": "궁금합니다"}).status_code == 404
    assert AuditEvent.objects.filter(action="registration.refused", citizen_id=citizen.pk).count() == 2


def test_a_withdrawal_takes_a_reason(client: Client, signed_in: Any) -> None:
    citizen = cast.register(signed_in)
    path = f"/officials/list/{citizen.pk}/end/"
    client.post(path, {"reason": ""})
    assert Subscription.objects.filter(ended_at=None).exists()
    client.post(path, {"reason": "본인 요청"})
    assert not Subscription.objects.filter(ended_at=None).exists()


def test_the_authenticators_code_is_asked_for_when_there_is_a_device(client: Client, official: Any) -> None:
    device = authenticator(official.user)
    assert client.post("/officials/login/", PASSWORD)["Location"] == "/officials/login/code/"
    assert client.get("/officials/")["Location"] == "/officials/login/"
    client.post("/officials/login/code/", {"code": "000000"})
    device.refresh_from_db()
    device.throttle_reset()
    code = shown(device)
    assert client.post("/officials/login/code/", {"code": code})["Location"] == "/officials/"
    assert client.get("/officials/").status_code == 200


def test_where_a_second_factor_is_required_a_password_alone_opens_nothing(
    client: Client, official: Any, settings: Any
) -> None:
    settings.STAFF_TOTP_REQUIRED = True
    assert client.post("/officials/login/", PASSWORD)["Location"] == "/officials/login/set-up/"
    assert client.get("/officials/")["Location"] == "/officials/login/"


def test_a_working_session_ends_after_its_hours(
    client: Client, clock: TimeMachineFixture, official: Any, settings: Any
) -> None:
    settings.SESSION_COOKIE_AGE = 86400 * 2
    client.post("/officials/login/", PASSWORD)
    clock.shift(10 * 3600)
    assert client.get("/officials/")["Location"] == "/officials/login/"


def lines(action: Any) -> Any:
    return list(AuditEvent.objects.filter(action=action).values_list("actor", "citizen_id"))


def enrolled_by_herself(*codes: Any) -> Any:
    form = cast.GRANDMOTHER
    who = cast.person(5, name=form.name, birth_date=form.birth_date, phone=form.phone)
    return cast.enrol(who, ("kakaotalk",), *codes)


def test_a_confirmation_of_what_the_page_never_warned_about_counts_for_nothing(client: Client, signed_in: Any) -> None:
    citizen = enrolled_by_herself("vaccination")
    assert client.post("/officials/", paper(confirmed="on"))["Location"] == "/officials/"
    assert not citizen.consents.filter(method="paper").exists()
    assert str(citizen.pk) not in client.get("/officials/list/").content.decode()
    assert lines("registration.warned") == [(f"official:{signed_in.id}", citizen.pk)]


def test_nor_does_one_of_a_warning_about_another_person(client: Client, signed_in: Any) -> None:
    enrolled_by_herself("vaccination")
    cast.enrol(cast.person(9, name="박어르신", birth_date=cast.GRANDMOTHER.birth_date), ("sms",))
    client.post("/officials/", paper())
    another = paper(name="박어르신", phone="010-0000-0009", confirmed="on")
    assert client.post("/officials/", another)["Location"] == "/officials/"
    assert len(lines("registration.warned")) == 2
    assert lines("citizen.registered") == []


def test_nor_one_that_comes_a_quarter_of_an_hour_later(
    client: Client, clock: TimeMachineFixture, signed_in: Any
) -> None:
    client.post("/officials/login/", PASSWORD)
    enrolled_by_herself("vaccination")
    client.post("/officials/", paper())
    clock.shift(16 * 60)
    assert client.post("/officials/", paper(confirmed="on"))["Location"] == "/officials/"
    assert client.post("/officials/", paper(confirmed="on"))["Location"] == "/officials/slip/"


def test_an_office_does_not_end_what_a_person_agreed_to_on_the_web(client: Client, signed_in: Any) -> None:
    citizen = enrolled_by_herself("vaccination")
    client.post("/officials/", paper())
    client.post("/officials/", paper(confirmed="on"))
    client.post(f"/officials/list/{citizen.pk}/end/", {"reason": "본인 요청"})
    assert Subscription.objects.filter(citizen=citizen, ended_at=None).count() == 1
    assert client.get(f"/officials/list/{citizen.pk}/").status_code == 404


def test_an_outsider_office_ends_nothing_and_lists_no_senior_without_paper_of_its_own(
    client: Client, official: Any
) -> None:
    citizen = cast.register(official)
    cast.official("other", "9911052000")
    client.post("/officials/login/", PASSWORD | {"username": "other"})
    client.post("/officials/", paper(confirmed="on"))
    assert client.post(f"/officials/list/{citizen.pk}/end/", {"reason": "궁금합니다"}).status_code == 404
    assert Subscription.objects.filter(citizen=citizen, ended_at=None).count() == 1


def test_a_number_that_another_person_has_proved_is_warned_about(client: Client, signed_in: Any) -> None:
    cast.enrol(cast.person(5, name="이샘플"), ("sms",))
    page = client.post("/officials/", paper(), follow=True).content.decode()
    assert "다른 분이 본인 번호로 확인한 번호입니다" in page
    assert "이샘플" not in page
    assert client.post("/officials/", paper(confirmed="on"))["Location"] == "/officials/slip/"


def test_when_others_are_in_the_way_the_form_stays_filled_in(
    client: Client, signed_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(register, "register_senior", busy)
    page = client.post("/officials/", paper(), follow=True)
    assert "버튼을 다시 눌러 주십시오" in page.content.decode()
    assert 'value="최어르신"' in page.content.decode()
    monkeypatch.undo()
    assert client.post("/officials/", paper())["Location"] == "/officials/slip/"


def busy(**values: Any) -> None:
    raise Busy("40P01")
