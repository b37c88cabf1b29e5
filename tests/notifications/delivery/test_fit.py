"""Test that a message goes to the next channel where it does not fit, and is sent readable where there is none. With
a real sandbox."""

from dataclasses import replace
from typing import Any

import pytest
from django.db.models.functions import Now
from hypothesis import given
from hypothesis import strategies as st

from notifications.channels.contract import Limits, Outcome, Verdict
from notifications.channels.registry import adapters
from notifications.delivery.deliver import deliver_due
from notifications.delivery.fit import NOT_REPRESENTABLE, TOO_LONG, VALUE_TOO_LONG, Page, Unfit
from notifications.delivery.outcomes import Reported, apply_outcomes
from notifications.delivery.poll_gateways import poll_gateways
from notifications.matching.match import match_everything
from notifications.models import Alarm, Delivery, Notice, TemplateComplaint
from secretary.kernel.korean.korean import clean_line, euc_kr_bytes, missing_from_euc_kr
from subscriptions.message_templates import LIMITS, check_template, compile_template, limits
from subscriptions.specs import CHANNELS
from tests.notifications.cast import MORNING, enrol, ingest, make_data_type, record, templates
from tests.support.sandbox_process import SandboxProcess


@pytest.fixture
def fine(sandbox: SandboxProcess, db: None) -> Any:
    data_type = make_data_type()
    sandbox.register(*templates())
    return data_type


def notify(
    data_type: Any, *channels: str, name: str = "홍길동", place: str = "신호위반", language: str = "ko"
) -> list[Any]:
    """Return the channels and states of a notice's attempts."""
    enrol(1, data_type, channels=channels, name=name, language=language, toss_user_key="443000001")
    ingest(record(1, fields={"violation": place}))
    match_everything(now=MORNING)
    deliver_due(now=lambda: MORNING)
    return list(Delivery.objects.order_by("pk").values_list("channel", "state", "code"))


NAMES = {  # as a text message writes them where no other channel is left
    "홍길믜": "홍길ㅁㅢ",
    "NGUYỄN VĂN MẪU": "NGUYEN VAN MAU",
    "똠방각하": "ㄸㅗㅁ방각하",
    "张伟": "장위",
    "Їжак Олексій": "Iжак Олексiй",
    "สมชาย": "고객(이름을 표시할 수 없음)",
}


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_text_messages_lack_goes_another_way_first(fine: Any, sandbox: SandboxProcess, name: Any) -> None:
    attempts = notify(fine, "sms", "kakaotalk", name=name)
    assert attempts[0] == ("sms", "failed", NOT_REPRESENTABLE) and attempts[1][:2] == ("kakaotalk", "sent")
    [row] = sandbox.rows()
    assert name in row["text"]
    assert not Alarm.objects.exists()


@pytest.mark.parametrize(("name", "written"), NAMES.items())
def test_where_there_is_no_other_way_it_is_sent_readable_and_counted(
    fine: Any, sandbox: SandboxProcess, name: Any, written: Any
) -> None:
    attempts = notify(fine, "sms", name=name)
    assert [item[:2] for item in attempts] == [("sms", "failed"), ("sms", "sent")]
    [row] = sandbox.rows()
    assert f"{written}님" in row["text"] and not missing_from_euc_kr(row["text"])
    assert list(Alarm.objects.values_list("kind", "subject")) == [("written_otherwise", "sms")]


def test_when_the_other_way_fails_it_comes_back_and_is_sent_readable(fine: Any, sandbox: SandboxProcess) -> None:
    notify(fine, "sms", "kakaotalk", name="홍길믜")
    apply_outcomes(
        [Reported(Delivery.objects.latest("pk").pk, Outcome("", Verdict.UNDELIVERABLE, "3019"))], now=MORNING
    )
    deliver_due(now=lambda: MORNING)
    assert list(Delivery.objects.order_by("pk").values_list("channel", "state")) == [
        *[("sms", "failed"), ("kakaotalk", "failed"), ("sms", "sent")]
    ]
    apply_outcomes(
        [Reported(Delivery.objects.latest("pk").pk, Outcome("", Verdict.UNDELIVERABLE, "30005"))], now=MORNING
    )
    assert deliver_due(now=lambda: MORNING) == 0
    assert Notice.objects.get().reason == "all_channels_failed"


def test_the_gateway_is_polled_with_the_words_that_were_sent(fine: Any, sandbox: SandboxProcess) -> None:
    """Twilio's answer is lost: the message is searched by number and text, which is the text of the last resort."""
    sandbox.fault("twilio", "lose_answer", on="send", count=1)
    attempts = notify(fine, "sms", name="홍길믜")
    assert attempts[-1][:2] == ("sms", "unknown")
    Delivery.objects.filter(state="unknown").update(ask_at=Now())
    poll_gateways(now=MORNING)
    assert Delivery.objects.latest("pk").state in ("sent", "delivered")
    assert Notice.objects.get().state != "review"


@pytest.mark.parametrize(
    ("place", "written"),
    [
        ("가나로 1 – 2층", "가나로 1 - 2층"),
        ("Café 앞", "Cafe 앞"),
        ("가나•다라", "가나·다라"),
        ("가나의원🏥 2층", "가나의원 2층"),
        ("₩5,000", "￦5,000"),
        ("10⁵ ⑯", "10^5 (16)"),
        ("花郎로", "花\uf92c로"),  # the same character, as KS X 1001 has it
    ],
)
def test_signs_become_plain_ones_without_a_way_round(
    fine: Any, sandbox: SandboxProcess, place: Any, written: Any
) -> None:
    assert notify(fine, "sms", "kakaotalk", place=place)[0][:2] == ("sms", "sent")
    assert f" {written} " in sandbox.rows()[0]["text"]


@pytest.mark.parametrize("channel", ["kakaotalk", "naver", "toss"])
def test_an_app_shows_every_letter(fine: Any, sandbox: SandboxProcess, channel: Any) -> None:
    assert len(notify(fine, channel, "sms", name="NGUYỄN 홍길믜", place="똠방골 – 2층 张")) == 1
    assert "NGUYỄN 홍길믜" in sandbox.rows()[0]["text"] and "똠방골 – 2층 张" in sandbox.rows()[0]["text"]


def page(channel: str, body: str = "[국민비서] #{이름}님, #{장소}에서 뵙겠습니다.", **narrower: Any) -> Page:
    known = replace(limits(channel), **narrower)
    return Page(compile_template(""), compile_template(body), known, "ko", frozenset(("이름", "장소")))


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)


@pytest.mark.parametrize("channel", CHANNELS)
@given(name=TEXTS, place=TEXTS)
def test_every_character_that_is_sent_is_there_or_the_next_way_is_taken(channel: Any, name: Any, place: Any) -> None:
    """Over all of Unicode: a channel gets only characters that it can show, and the last resort always ends."""
    sheet, values = page(channel), {"이름": clean_line(name) or "-", "장소": clean_line(place) or "-"}
    for last_resort in (False, True):
        try:
            sent = sheet.fit(values, last_resort=last_resort)
        except Unfit as unfit:
            assert not last_resort and unfit.code == NOT_REPRESENTABLE and channel == "sms"
            continue
        if channel == "sms":
            assert euc_kr_bytes(sent.text) <= 2000
        else:
            assert sent.values == values


@given(
    name=st.text(
        st.characters(codec="euc-kr", exclude_characters="\u3164", exclude_categories=["Cc", "Cf"]),
        min_size=1,
        max_size=30,
    )
)
def test_what_text_messages_have_is_sent_as_it_is(name: Any) -> None:
    cleaned = clean_line(name)
    if not missing_from_euc_kr(cleaned):
        assert page("sms").fit({"이름": cleaned, "장소": "-"}, last_resort=False).values["이름"] == cleaned


def test_a_message_that_is_too_long_with_its_real_values_goes_on_and_is_shortened_at_last() -> None:
    sheet, values = page("toss", max_chars=60), {"이름": "A" * 80, "장소": "나" * 60}
    with pytest.raises(Unfit) as raised:
        sheet.fit(values, last_resort=False)
    assert raised.value.code == TOO_LONG
    sent = sheet.fit(values, last_resort=True)
    assert len(sent.text) <= 60 and sent.values["이름"].endswith("…")
    with pytest.raises(Unfit):
        page("toss", max_chars=10).fit(values, last_resort=True)


def test_bytes_are_those_of_what_is_really_sent() -> None:
    sheet = page("sms", "#{장소}", max_bytes=8)
    assert sheet.fit({"장소": "가 – 나"}, last_resort=False).text == "가 - 나"
    with pytest.raises(Unfit):
        sheet.fit({"장소": "가나다라마"}, last_resort=False)


def test_a_value_over_fourteen_characters_goes_another_way_while_the_account_is_new() -> None:
    """NHN's code -1028."""
    sheet = page("kakaotalk", value_chars=14)
    assert sheet.fit({"이름": "가" * 14, "장소": "-"}, last_resort=False)
    with pytest.raises(Unfit) as raised:
        sheet.fit({"이름": "가" * 15, "장소": "-"}, last_resort=False)
    assert raised.value.code == VALUE_TOO_LONG
    assert sheet.fit({"이름": "가" * 15, "장소": "-"}, last_resort=True).values["이름"] == "가" * 15


@pytest.mark.parametrize("channel", CHANNELS)
def test_what_the_vendor_takes_is_a_limit_of_the_editor_and_of_what_is_sent(
    channel: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adapters()[settings.CHANNELS[channel]], "limits", Limits(max_chars=30, title_chars=99))
    body = f"{'a' * 30}#{{확인코드}}"
    assert "chars" in [problem.code for problem in check_template(body, "안내", channel, "ko", ())]
    with pytest.raises(Unfit) as raised:
        page(channel, "#{장소}").fit({"이름": "-", "장소": "a" * 31}, last_resort=False)
    assert raised.value.code == TOO_LONG
    assert limits(channel).title_chars == (LIMITS[channel].title_chars or 99)  # the narrower of both


def test_a_text_message_over_what_twilio_takes_is_refused_in_the_editor() -> None:
    """Error 21617: in Latin letters 1,601 characters are far from 2,000 bytes."""
    body = "#{확인코드}"
    code = len("K7MP-2QX9-3HVC")
    assert check_template("a" * (1600 - code) + body, "", "sms", "ko", ()) == []
    assert [item.code for item in check_template("a" * (1601 - code) + body, "", "sms", "ko", ())] == ["chars"]


def test_kakaotalk_value_chars(fine: Any, sandbox: SandboxProcess, settings: Any) -> None:
    settings.KAKAOTALK_VALUE_CHARS = 14
    attempts = notify(fine, "kakaotalk", "sms", place="가나로 1 사거리에서 신호위반")
    assert [item[:2] for item in attempts] == [("kakaotalk", "failed"), ("sms", "sent")]
    assert attempts[0][2] == VALUE_TOO_LONG


def test_when_the_gateway_says_so_it_is_about_the_account_and_stops_no_template(
    fine: Any, sandbox: SandboxProcess
) -> None:
    notify(fine, "kakaotalk", "sms")
    apply_outcomes(
        [Reported(Delivery.objects.get().pk, Outcome("", Verdict.UNDELIVERABLE, "-1028"), channel="kakaotalk")],
        now=MORNING,
    )
    deliver_due(now=lambda: MORNING)
    assert list(Delivery.objects.order_by("pk").values_list("channel", flat=True)) == ["kakaotalk", "sms"]
    assert list(Alarm.objects.values_list("kind", "subject")) == [("account_restricted", "kakaotalk")]
    assert not TemplateComplaint.objects.exists()
