"""For each state and each reason of a notice, its page says in both languages what became of it and why."""

import html
import re

import pytest
from django.utils import translation

from citizens.inbox.why import SENTENCES, STATES
from notifications.channels.contract import Verdict
from notifications.delivery.gateways import gateways_of
from notifications.delivery.outcome_words import CODES, VERDICTS, outcome_words
from notifications.models import Delivery, Notice
from notifications.models.notice import REASONS
from notifications.states import DELIVERED, DELIVERY_MOVES, NOTICE_MOVES, READY
from secretary.kernel.korean.korean import format_datetime
from subscriptions.models.channel_choice import CHANNELS
from tests.citizens.inbox.cast import arrive, hand_over, report
from tests.citizens.inbox.conftest import Reader, send
from tests.notifications.cast import record
from tests.support.present import present
from tests.support.together import Cases

pytestmark = pytest.mark.django_db
# What a person must never read: codes of ours and of gateways.
RAW = (*REASONS, *(code for table in VERDICTS.values() for code in table if len(code) > 3), "lease", "gateway")
# Words of ours that are also plain words, or stand in addresses and class names of a page.
PLAIN = {"settled", "objection", "resent", "erased", "superseded", "unsubscribed"}


# In which states a notice has which reason (claim.sql, apply_outcomes.sql and the modules that name it).
STATES_OF = {
    "ready": ("", "quiet_hours", "calm", "objection", "wording_stopped", "channel_paused", "resent", "kakaotalk:3019"),
    "sending": ("",),
    "unknown": ("kakaotalk:3005", "lease_expired"),
    "review": ("gateway_silent", "lease_expired", "cannot_compose"),
    "delivered": ("",),
    "failed": ("no_channel", "all_channels_failed"),
    "too_late": ("too_late",),
}
STATES_IN_KOREAN = {
    "ready": "아직 보내지 않았습니다",
    "sending": "보내는 중입니다",
    "unknown": "도착했는지 확인하고 있습니다",
    "review": "담당자가 확인하고 있습니다",
    "delivered": "보내는 중입니다",
    "failed": "전달되지 못했습니다",
    "cancelled": "보내지 않았습니다",
    "too_late": "늦어서 보내지 않았습니다",
}
CAME = "Why you got this"
ENDED = set(REASONS) - {reason for reasons in STATES_OF.values() for reason in reasons}
STATES_OF["cancelled"] = tuple(sorted(ENDED))


def another(notice: Notice, state: str, reason: str) -> Notice:
    """One more notice about the same record, as the engine leaves it; the moves are tested where they are made."""
    notice.pk, notice.cause, notice.state, notice.reason = None, f"{state}:{reason}", state, reason
    notice.save(force_insert=True)
    return notice


def test_every_reason_and_state_has_words_of_its_own() -> None:
    assert set(REASONS) == set(SENTENCES)
    assert set(NOTICE_MOVES) == set(STATES)
    for language in ("ko", "en"):
        with translation.override(language):
            assert len({str(words) for words in SENTENCES.values()}) == len(SENTENCES)


def test_each_state_and_each_reason_is_explained_in_both_languages(reader: Reader) -> None:
    [notice] = arrive(record(1))
    assert set(STATES_OF) == set(NOTICE_MOVES)
    cases = Cases()
    for state, reasons in STATES_OF.items():
        for reason in reasons:
            row = another(notice, state, reason)
            for language in ("ko", "en"):
                with cases.case((state, reason, language)), translation.override(language):
                    reader.english(language == "en")
                    words = _text(reader.notice(row))
                    # No message of it arrived, so that its page must not say that one did.
                    assert str(STATES["sending" if state == DELIVERED else state]) in words
                    assert str(STATES[DELIVERED]) not in words and translation.gettext(CAME) not in words
                    assert reason not in SENTENCES or str(SENTENCES[reason]).partition("{")[0] in words
                    assert [code for code in RAW if code not in PLAIN and code in words] == []
                    assert (STATES_IN_KOREAN[state] in words) == (language == "ko")
    cases.conclude()


def test_each_outcome_of_an_attempt_is_shown_in_words(reader: Reader) -> None:
    cases = Cases()
    for channel in CHANNELS:
        codes = [code for gateway in gateways_of(channel) for code in VERDICTS.get(gateway, ())]
        for code in ("", "unheard-of", "too_long", *codes):
            for state in DELIVERY_MOVES:
                for language in ("ko", "en"):
                    with cases.case((channel, code, state, language)), translation.override(language):
                        words = outcome_words(channel=channel, state=state, code=code)
                        assert words and (not code or code not in words) and "%" not in words
                        assert any("가" <= letter <= "힣" for letter in words) == (language == "ko")
    with cases.case("the same code of two gateways"):
        carried = {"channel": "sms", "state": "failed", "code": "3010"}
        assert outcome_words(**carried, gateway="solapi_sms") != outcome_words(**carried, gateway="nhn_sms")
    for gateway, table in VERDICTS.items():
        named = {code for codes in CODES[gateway].values() for code in codes}
        about_the_person = {code for code, verdict in table.items() if verdict is Verdict.UNDELIVERABLE}
        with cases.case(f"{gateway}: all that is about a person or a text is named"):
            assert about_the_person - named == set()
    cases.conclude()


def test_a_fall_back_is_listed_attempt_by_attempt(reader: Reader) -> None:
    [notice] = arrive(record(1))
    hand_over((Verdict.ACCEPTED, ""), (Verdict.UNDELIVERABLE, "3019"))
    page = reader.notice(notice)
    assert "도착하지 못했습니다(카카오톡에 가입되지 않은 번호)" in page
    assert "카카오톡 발송이 되지 않았습니다(카카오톡에 가입되지 않은 번호)" in page
    assert "010-****-0001" in page and "이 알림을 만든 까닭" in page
    hand_over((Verdict.ACCEPTED, ""))
    assert "보냈고, 도착했는지는 아직 알려 오지 않았습니다" in reader.notice(notice)
    report(Verdict.DELIVERED, notice=notice)
    page = reader.notice(notice)
    assert "문자메시지 알림이 도착했습니다" in page and "이 알림이 온 까닭" in page
    for each, channel in zip(notice.deliveries.order_by("fence"), ("카카오톡", "문자메시지"), strict=True):
        assert f"{format_datetime(each.started_at, 'ko')} · {channel}" in page  # each attempt with its hour
        assert f". {format_datetime(present(each.finished_at), 'ko')}</em>" in page  # and when its outcome was known
    assert page.index("도착하지 못했습니다(카카오톡") < page.index("도착했습니다.")
    assert not re.search(r"(?<![\w/-])3019", page)  # the gateway's code; a token or an address may have these digits


def test_a_message_that_arrives_late_is_shown_as_arrived(reader: Reader) -> None:
    """The carrier reports it after every channel had failed: the notice's own state is final and stays."""
    reader.alice.channels.filter(channel="sms").delete()
    [notice] = arrive(record(1))
    hand_over((Verdict.ACCEPTED, ""), (Verdict.UNDELIVERABLE, "3018"))
    hand_over()
    notice.refresh_from_db()
    assert notice.state == "failed"
    assert "전달되지 못했습니다" in reader.notice(notice)
    report(Verdict.DELIVERED, notice=notice)
    page = reader.notice(notice)
    assert "카카오톡 알림이 도착했습니다" in page and "전달되지 못했습니다" not in page


def test_what_a_newer_notice_has_replaced_leads_to_it(reader: Reader) -> None:
    [first] = arrive(record(1, external_id="A"))
    hand_over((Verdict.DELIVERED, ""))
    [second] = arrive(record(1, external_id="A", version=2, fields={"amount": 50000}))
    assert f'href="/inbox/{second.pk}/"' in reader.notice(first)
    assert f'href="/inbox/{first.pk}/"' not in reader.notice(second)
    page = reader.notice(first)
    assert "보낸 그대로는 보여 드릴 수 없습니다" in page and "알림을 만들 때 1, 지금 2" in page


def test_why_it_came_names_the_record_and_the_consent_that_it_rests_on(reader: Reader) -> None:
    [notice] = send(record(1, external_id="P-77"))
    page = reader.notice(notice)
    for words in ("경찰청", "P-77", "issued (새 자료)", "2026. 3. 10.(화) 오전 10:00", "동의문 1판", "이 누리집에서"):
        assert words in page, words
    reader.english()
    page = reader.notice(notice)
    for words in ("Police", "text version 1, given on Tue, 10 March 2026", "on this site", "Why you got this"):
        assert words in page, words


def _text(page: str) -> str:
    """The words of the main part, without tags."""
    main = page[page.index("<main") : page.index("</main")]
    return html.unescape(" ".join(part.partition(">")[2] for part in main.split("<")))


def test_nothing_was_tried_yet(reader: Reader) -> None:
    [notice] = arrive(record(1))
    page = reader.notice(notice)
    assert notice.state == READY and not Delivery.objects.exists()
    assert "어느 채널로도 보내지 않았습니다" in page and "알림 내용" not in page
