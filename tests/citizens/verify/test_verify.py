"""The public may ask whether a message is ours, and learns no more than that."""

import random
import re
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as project
from django.db import OperationalError, connection, reset_queries
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.test.utils import CaptureQueriesContext

from citizens.verify.check_notice import LONG_CODES, OVERLAP
from citizens.verify.pages import LONGEST
from notifications.channels.contract import Verdict
from notifications.delivery.check_codes import ALPHABET, Mistyped, check_code, read_code
from notifications.models import Notice
from subscriptions.message_templates.site import site_in_words
from subscriptions.models import Contact
from subscriptions.models.attempt import Attempt
from tests.citizens.verify.conftest import answer, sent_at, sent_notice
from tests.notifications.cast import MORNING

OURS = "네, 이 코드로 보내 드린 알림이 있습니다"
OLD = "오래된 알림의 확인코드입니다"
UNKNOWN = "아니요, 국민비서가 보낸 알림의 확인코드가 아닙니다"
MISTYPED = "확인코드가 잘못 입력되었습니다"
ALICE = f"{OURS} | 종류: 교통과태료 | 보낸 날: 2026. 3. 10.(화) | 보낸 방법: 문자메시지 | 받는 번호: 010-****-0001"


def guesses(how_many: int, seed: int = 1) -> list[str]:
    """Codes with a right check letter, as an attacker who knows the format would guess."""
    chance = random.Random(seed)
    found: list[str] = []
    while len(found) < how_many:
        begun = "".join(chance.choices(ALPHABET, k=11))
        found.append(next(begun + last for last in ALPHABET if is_code(begun + last)))
    return found


def is_code(typed: str) -> bool:
    try:
        read_code(typed)
    except Mistyped:
        return False
    return True


def test_the_code_of_a_notice_is_answered_with_kind_day_channel_and_masked_number_alone(client: Any, code: str) -> None:
    assert answer(client, code) == ALICE


def test_it_is_read_however_a_phone_typed_it(client: Any, code: str) -> None:
    plain, wide = code.replace("-", ""), {ord(letter): ord(letter) + 0xFEE0 for letter in f"{ALPHABET}-"}
    looks_alike = plain.replace("0", "O").replace("1", "l").replace("V", "u")
    for typed in (
        code.lower(), plain, " ".join(plain), code.replace("-", "–"), code.replace("-", " - "), code.translate(wide),
        looks_alike, looks_alike.replace("l", "I"), f"확인코드 {code}", f"Check code {code}\n", f"\u200b{code}.",
        f"확인코드 {code} (국민비서 누리집 gov 점 example에서 확인)",
        f"Check code {code.lower()} (check it at gov dot example)",
    ):  # fmt: skip
        assert answer(client, typed) == ALICE, ascii(typed)


def test_it_is_found_in_a_whole_message_that_was_pasted(client: Any, notice: Notice, code: str) -> None:
    """Also where the browser has put its lines together, and an earlier notice's code is named in it."""
    earlier = check_code(notice.pk + 1)
    lines = (f"[국민비서] 홍길동님, {earlier} 안내는 다른 분의 건입니다.", "문의 경찰청 182", "12가3456 010-0000-0001")
    end = f"확인코드 {code} (국민비서 누리집 {site_in_words('ko')}에서 확인)"
    for between in ("\n", "\r\n", " ", ""):
        assert answer(client, between.join((*lines, "※ 고지서를 대신하지 않는 안내입니다. " * 20, end))) == ALICE
    box = re.search(r'<input[^>]*id="check-code"[^>]*>', client.get("/").content.decode())
    assert box and f'maxlength="{LONGEST}"' in box[0]


def test_a_slip_of_the_finger_is_called_one_and_asks_the_database_nothing(client: Any, code: str) -> None:
    plain = code.replace("-", "")
    at = next(place for place in range(2, 11) if plain[place] != plain[place + 1])
    swapped = plain[:at] + plain[at + 1] + plain[at] + plain[at + 2 :]
    wrong = ("K" if plain[5] != "K" else "M").join((plain[:5], plain[6:]))
    for typed in (wrong, swapped, plain[:-1], plain + "7", "K7MP-2QX", "abc", "–", "한글", "0" * 90):
        with CaptureQueriesContext(connection) as asked:
            page = client.post("/verify/", {"code": typed}, follow=True)
        assert MISTYPED in page.content.decode(), typed
        assert not asked.captured_queries, typed


def test_a_code_that_no_notice_has_says_what_to_do_and_where_to_report(client: Any, notice: Notice) -> None:
    for typed in (check_code(notice.pk + 1), *guesses(3), "K7MP2QX9"):
        page = client.post("/verify/", {"code": typed}, follow=True).content.decode()
        assert UNKNOWN in page, typed
        assert all(words in page for words in ("<strong>118</strong>", "<strong>112</strong>", "스팸"))


@pytest.mark.django_db
def test_a_notice_that_has_not_left_is_not_known(client: Any, clock: Any) -> None:
    clock.move_to(MORNING, tick=False)
    notice = sent_notice(verdict=Verdict.RETRY_LATER)
    assert notice.deliveries.get().state == "returned"
    assert answer(client, check_code(notice.pk)) == UNKNOWN


def test_a_message_by_toss_has_no_number_and_neither_has_one_to_a_number_that_was_changed(
    client: Any, notice: Notice, code: str
) -> None:
    toss = check_code(sent_notice(2, channel="toss", data_type=notice.record.data_type).pk)
    assert answer(client, toss) == f"{OURS} | 종류: 교통과태료 | 보낸 날: 2026. 3. 10.(화) | 보낸 방법: 토스"
    Contact.objects.filter(citizen=notice.citizen_id, kind="phone").update(changed_at=MORNING + timedelta(days=1))
    assert "받는 번호" not in answer(client, code) and OURS in answer(client, code)


def test_an_old_code_is_called_old_and_nothing_is_shown_of_its_notice(client: Any, code: str, clock: Any) -> None:
    clock.move_to(MORNING + timedelta(days=project.CHECK_CODE_DAYS), tick=False)
    assert answer(client, code) == ALICE
    clock.shift(timedelta(minutes=1))
    page = client.post("/verify/", {"code": code}, follow=True).content.decode()
    assert OLD in page and "교통과태료" not in page and "-0001" not in page and "<strong>118</strong>" in page


def test_codes_of_the_release_before_stay_good_for_notices_that_carry_them(
    client: Any, notice: Notice, code: str
) -> None:
    began = MigrationRecorder.Migration.objects.get(app=LONG_CODES[0], name=LONG_CODES[1]).applied
    sent_at(notice, began + OVERLAP - timedelta(minutes=1))
    assert OURS in answer(client, code[:9])
    sent_at(notice, began + OVERLAP)  # with a code of twelve letters
    assert (answer(client, code[:9]), OURS in answer(client, code)) == (UNKNOWN, True)


def test_a_hit_and_a_miss_take_the_same_statements(client: Any, notice: Notice, code: str) -> None:
    asked = []
    for typed in (code, code[:9], *guesses(2), "K7MP2QX9", check_code(notice.pk + 1)):
        with CaptureQueriesContext(connection) as statements:
            client.post("/verify/", {"code": typed}, follow=True)
        asked.append([statement["sql"][:60] for statement in statements])
    assert len(asked[0]) == 3  # two limits and the notice
    assert asked[2:4] == [asked[0]] * 2 and asked[5] == asked[0]
    assert asked[4] == asked[1] and len(asked[1]) == 4  # short ones have a limit of their own


def test_questions_are_limited_by_address_network_and_altogether(
    client: Any, code: str, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    far = {"code_checked_address": (2, 600), "code_checked_site": (3, 600), "code_checked_overall": (99, 3600)}
    settings.ATTEMPT_LIMITS = {**settings.ATTEMPT_LIMITS, **far}
    heard = []
    for address in ("2001:db8::1", "2001:db8::2", "2001:db8::3", "2001:db8:0:1::1", "2001:db8:1::1", "192.0.2.7"):
        heard.append(client.post("/verify/", {"code": code}, follow=True, REMOTE_ADDR=address).status_code)
    assert heard == [200, 200, 429, 429, 200, 200]  # the /64, then the /48; other networks are free
    settings.ATTEMPT_LIMITS = {**settings.ATTEMPT_LIMITS, "code_checked_overall": (6, 3600)}
    page = client.post("/verify/", {"code": code}, follow=True, REMOTE_ADDR="192.0.2.8")
    assert page.status_code == 429 and "오전 11:00" in page.content.decode() and OURS not in page.content.decode()
    assert "<strong>118</strong>" in page.content.decode()


def test_short_codes_have_a_limit_of_their_own(client: Any, code: str, settings: Any) -> None:
    settings.ATTEMPT_LIMITS = {**settings.ATTEMPT_LIMITS, "code_checked_short": (1, 3600)}
    heard = [
        client.post("/verify/", {"code": typed}, follow=True).status_code for typed in (code[:9], "K7MP2QX9", code)
    ]
    assert heard == [200, 429, 200]


def test_where_a_part_fails_no_code_is_confirmed(client: Any, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*args: Any, **kwargs: Any) -> Any:
        raise OperationalError("gone")

    part: Any
    for part, does in ((Attempt, "count_one_more"), (connection, "cursor")):
        with monkeypatch.context() as patch:
            patch.setattr(part, does, away)
            page = client.post("/verify/", {"code": code}, follow=True, headers={"Accept": "text/html"})
            assert page.status_code == 503 and page["Retry-After"]
            text = page.content.decode()
            assert "지금은 확인해 드릴 수 없습니다" in text and OURS not in text and 'href="/verify/"' in text
            assert client.get("/verify/").status_code == 200  # and the form itself needs no database


def test_a_key_that_is_missing_is_no_yes_either(client: Any, notice: Notice, code: str) -> None:
    Contact.objects.filter(citizen=notice.citizen_id).update(value_encrypted=b"\1k9\0" + b"0" * 40)
    assert client.post("/verify/", {"code": code}, follow=True).status_code == 503


def test_the_form_stands_on_the_landing_page_and_a_code_is_in_no_address(client: Any, code: str) -> None:
    page = client.get("/").content.decode()
    assert '<form method="post" action="/verify/"' in page and 'name="code"' in page
    assert client.get(f"/verify/?code={code}").status_code == 200
    assert OURS not in client.get(f"/verify/?code={code}").content.decode()


def test_many_guesses_from_many_addresses_find_nothing(client: Any, notice: Notice) -> None:
    look_for_one(client, 400)


@pytest.mark.slow
def test_a_hundred_thousand_guesses_from_many_addresses_find_nothing(client: Any, notice: Notice) -> None:
    look_for_one(client, 100_000)


def look_for_one(client: Any, how_many: int) -> None:
    """Each guess from another network; none is a hit, and all that are answered take the same statements."""
    most, _seconds = project.ATTEMPT_LIMITS["code_checked_overall"]
    taken: dict[tuple[int, int], int] = {}
    for number, typed in enumerate(guesses(how_many)):
        network = f"2001:db8:{number >> 16 & 0xFFFF:x}:{number & 0xFFFF:x}::1"
        reset_queries()  # Django keeps the last 9,000 statements and warns after them
        with CaptureQueriesContext(connection) as statements:
            page = client.post("/verify/", {"code": typed}, follow=True, REMOTE_ADDR=network)
        assert OURS not in page.content.decode()
        kind = page.status_code, len(statements)
        taken[kind] = taken.get(kind, 0) + 1
    assert set(taken) <= {(200, 4), (429, 3)} and taken[200, 4] <= most, taken


def test_an_answer_stays_when_the_language_or_the_text_size_is_changed_and_is_no_new_question(
    client: Any, code: str, clock: Any
) -> None:
    kept, other = (client.post("/verify/", {"code": each})["Location"] for each in (code, guesses(1)[0]))
    assert kept != other and re.fullmatch(r"/verify/\?a=[0-9a-f]{8}", kept)  # nothing of the code
    counted = sorted(Attempt.objects.values_list("what", "count"))
    english = client.post(kept, {"set-language": "en"}).content.decode()
    assert "Yes, we sent a notice with this code" in english and "010-****-0001" in english
    larger = client.post(other, {"set-size": "150"}).content.decode()
    assert "No, this is not the code" in larger
    for _reload in range(2):
        assert "Yes, we sent" in client.get(kept).content.decode()
    assert sorted(Attempt.objects.values_list("what", "count")) == counted
    for forged in ("/verify/", "/verify/?a=", "/verify/?a=00000000", f"/verify/?a={code}"):
        again = client.get(forged).content.decode()
        assert "Yes, we sent" not in again and "No, this is not" not in again, forged
    assert "Yes, we sent" not in Client(headers={"accept-language": "en"}).get(kept).content.decode()
    clock.shift(timedelta(minutes=10, seconds=1))
    late = client.get(kept).content.decode()
    assert "Yes, we sent" not in late and 'name="code"' in late


def test_what_was_mistyped_stands_there_again_and_nothing_is_posted_once_more(client: Any, code: str) -> None:
    wrong = code[:-1] + ("K" if code[-1] != "K" else "M")
    answer = client.post("/verify/", {"code": wrong})
    assert answer.status_code == 302 and wrong not in answer["Location"]
    assert wrong not in answer.cookies["carried"].value
    page = client.get(answer["Location"]).content.decode()
    assert MISTYPED in page and f'value="{wrong}"' in page
    assert "입력해 주세요" in client.post("/verify/", {}, follow=True).content.decode()
    first, second = (client.post("/verify/", {"code": each})["Location"] for each in (code, wrong))
    assert OURS in client.get(first).content.decode() and MISTYPED in client.get(second).content.decode()  # two tabs


def test_what_is_carried_is_no_longer_than_browsers_take(client: Any, db: None) -> None:
    for _again in range(3):
        answer = client.post("/verify/", {"code": "\U0001f600" * 100})
        cookie = answer.cookies["carried"]
        assert len(cookie.key) + len(cookie.coded_value) <= 4096  # Chromium and Firefox drop a longer one
        page = client.get(answer["Location"])
        assert MISTYPED in page.content.decode() and "private" in page["Cache-Control"]
