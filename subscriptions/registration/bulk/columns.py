"""Name the columns of a list, and find them in the first row of a file, in any order and in both languages."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from secretary.kernel.korean.korean import Language, clean_line
from subscriptions.enrolment.consent_texts import SERVICE, family_text, office_call_text
from subscriptions.models import ConsentText, DataType
from subscriptions.registration.bulk.refused_file import FileRefused

FORM, NAME, BIRTH_DATE, PHONE, CHANNEL, CONSENT = "form", "name", "birth_date", "phone", "channel", "consent_"
CALL = "call"  # the consent that the office may call, which no one needs to give
# The consent that a family member hears that there is something to ask about, and who: no one needs to name one.
FAMILY, FAMILY_NAME, FAMILY_PHONE = "family", "family_name", "family_phone"
MOST_COLUMNS = 50
# Heading in Korean, in English, and further words that offices write for it (compared without blanks and signs).
HEADINGS: Mapping[str, tuple[str, ...]] = {
    FORM: ("신청서 번호", "Paper form", "신청번호", "신청서번호", "paper form number", "number of the paper form"),
    NAME: ("이름", "Name", "성명", "성함"),
    BIRTH_DATE: ("생년월일", "Birth date", "생일", "date of birth", "birthdate"),
    PHONE: (
        "휴대전화",
        "Mobile number",
        "휴대전화번호",
        "휴대폰",
        "휴대폰번호",
        "핸드폰",
        "전화번호",
        "연락처",
        "phone",
        "mobile",
    ),
    CHANNEL: ("알림 받는 방법", "Channel", "수신 방법", "채널"),
}
CALL_WORDS = ("주민센터 전화 확인 동의(선택)", "Consent: calls by the office (optional)", "전화 확인 동의", "전화 동의")
FAMILY_HEADINGS: Mapping[str, tuple[str, ...]] = {
    FAMILY: ("가족 안내 동의(선택)", "Consent: a family member hears of it (optional)", "가족 안내 동의", "가족 동의"),
    FAMILY_NAME: ("가족 호칭(선택)", "Family member (optional)", "가족 호칭", "가족", "가족 이름", "family member"),
    FAMILY_PHONE: (
        "가족 휴대전화(선택)",
        "Family member's mobile number (optional)",
        "가족 휴대전화",
        "가족 휴대전화번호",
        "가족 연락처",
        "family member's mobile number",
    ),
}
OPTIONAL = {CHANNEL, CALL, FAMILY, FAMILY_NAME, FAMILY_PHONE}
ERRORS = ("오류", "Errors")  # of our own file of wrong rows, which may come back as it is
_SIGNS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Column:
    """One column: `key` is its name in code, `words` are its headings: Korean, English, others."""

    key: str
    words: tuple[str, ...]

    def heading(self, language: Language) -> str:
        return self.words[1 if language == "en" else 0]


def columns_of(texts: Iterable[ConsentText], data_types: Sequence[DataType]) -> list[Column]:
    """Return the columns in the order of the paper form: details, one for each consent, those that may be missing."""
    names = {each.code: (each.name("ko"), each.name("en")) for each in data_types} | {
        SERVICE: ("국민비서 이용", "use of Public Secretary")
    }
    consents = [
        Column(CONSENT + text.code, (f"{names[text.code][0]} 동의", f"Consent: {names[text.code][1]}"))
        for text in texts
    ]
    call = [Column(CALL, CALL_WORDS)] if office_call_text() is not None else []
    named = FAMILY_HEADINGS if call and family_text() is not None else {}
    family = [Column(key, words) for key, words in named.items()]
    return [*(Column(key, words) for key, words in HEADINGS.items()), *consents, *call, *family]


def places_of(header: Sequence[str], columns: Sequence[Column]) -> dict[str, int]:
    """Return key of column → place in the row. Columns that we do not know are passed over.

    Raises FileRefused: a column is missing, or is there twice.
    """
    if len(header) > MOST_COLUMNS:
        raise FileRefused("too_many_columns", MOST_COLUMNS)
    known = {_plain(word): column for column in columns for word in column.words}
    places: dict[str, int] = {}
    for place, heading in enumerate(header):
        column = known.get(_plain(heading))
        if column is None:
            continue
        if column.key in places:
            raise FileRefused("column_twice", column.key)
        places[column.key] = place
    missing = [column.key for column in columns if column.key not in places and column.key not in OPTIONAL]
    if missing:
        raise FileRefused("column_missing", missing[0])
    return places


def _plain(heading: str) -> str:
    return _SIGNS.sub("", unicodedata.normalize("NFKC", clean_line(heading)).casefold())
