"""Make the sample people: each is derived from a number, so that any count of them is the same people again.

Person `n` has the phone 010-0000-000n … (`010` and n in eight digits): unassigned numbers. Names are the
ones that forms print as examples. `people.jsonl` holds them for other processes; this one reads it for
identities and handsets.
"""

import base64
import hashlib
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sandbox.state.handsets import Handsets
from sandbox.state.mobile import e164

SEED = "public-secretary"
TOSS_KEY_BASE = 443_000_000
CARRIERS = ("SKT", "KT", "LGU", "SKT_MVNO", "KT_MVNO", "LGU_MVNO")
APPS = ("kakaotalk", "naver", "toss")
_SURNAMES = ("홍", "김", "이", "박", "최", "정", "강", "조", "윤", "장")
_GIVEN = (
    "길동",
    "예시",
    "샘플",
    "가상",
    "모의",
    "견본",
    "시험",
    "보기",
    "연습",
    "가명",
    "실험",
    "표본",
    "본보",
    "예제",
    "임시",
    "나라",
)
NAMED: tuple[tuple[str, str, str, tuple[str, ...], str], ...] = (
    ("홍길동", "1985-03-14", "1", ("kakaotalk", "sms"), "ko"),
    ("김예시", "1992-11-02", "2", ("naver", "sms"), "ko"),
    ("이샘플", "1978-06-21", "1", ("toss", "kakaotalk"), "ko"),
    ("정모의", "1956-12-25", "1", ("kakaotalk", "sms"), "ko"),
    ("최어르신", "1948-05-09", "2", ("sms",), "ko"),
    ("박가상", "2003-01-30", "4", ("sms",), "ko"),
    ("Gil-dong Sample", "1990-07-07", "5", ("kakaotalk", "sms"), "en"),
    ("윤견본", "1999-09-19", "1", ("toss", "sms"), "ko"),
    ("장본보기", "1969-04-04", "2", ("naver", "kakaotalk"), "ko"),
    ("강차단", "1988-08-18", "1", ("kakaotalk", "sms"), "ko"),  # blocks KakaoTalk, to show the fall-back
)
DATA_TYPES = (
    "traffic_penalty", "traffic_fine", "licence_renewal", "school_bus_training", "senior_driver_training",
    "national_scholarship", "health_checkup", "vaccination",
)  # fmt: skip


@dataclass(frozen=True)
class Person:
    """One line of `people.jsonl`."""

    ci: str  # 88 characters of base64, as a real CI; worked out of the number
    name: str
    birth_date: str  # YYYY-MM-DD
    phone: str  # E.164
    carrier: str
    sex_digit: str  # the seventh digit of a resident number: 1–4, foreigners 5–8
    toss_user_key: str
    language: str
    channels: list[str]  # in the order of preference
    data_types: list[str]
    registered_by: str  # web | official
    handset: dict[str, Any] = field(default_factory=dict)  # what the phone does not let through; {} is nothing

    @property
    def national(self) -> str:
        return "0" + self.phone.removeprefix("+82")


def person(number: int) -> Person:
    """Person `number`, from 1. The same number always gives the same person."""
    chance = random.Random(f"{SEED}:{number}")
    name, birth, sex, channels, language = _named(number) or _made_up(chance)
    elderly = date.fromisoformat(birth).year <= 1951
    return Person(
        ci=_ci(number),
        name=name,
        birth_date=birth,
        phone=e164(national_number(number)),
        carrier=CARRIERS[chance.choices(range(6), weights=(40, 25, 20, 6, 5, 4))[0]],
        sex_digit=sex,
        toss_user_key=str(TOSS_KEY_BASE + number),
        language=language,
        channels=list(channels),
        data_types=_data_types(number, elderly, chance),
        registered_by="official" if elderly and (number == 5 or chance.random() < 0.8) else "web",
        handset=_handset(number, channels, chance),
    )


def national_number(number: int) -> str:
    return f"010{number:08d}"


def person_of_toss_key(key: str) -> str:
    """Return the phone (national digits) of the person with this Toss user key; a stranger's key stands for itself."""
    number = int(key) - TOSS_KEY_BASE
    return national_number(number) if 0 < number < 10**8 else f"toss:{key}"


class People:
    """The people of `people.jsonl`, read again when the file has grown."""

    def __init__(self, data: Path, handsets: Handsets) -> None:
        self._path = data / "people.jsonl"
        self._handsets = handsets
        self._size = 0
        self._by_phone: dict[str, Person] = {}

    def get(self, national_digits: str) -> Person | None:
        self.refresh()
        return self._by_phone.get(national_digits)

    def all(self) -> list[Person]:
        self.refresh()
        return list(self._by_phone.values())

    def refresh(self) -> None:
        size = self._path.stat().st_size if self._path.exists() else 0
        if size == self._size:
            return
        for each in read(self._path):
            self._by_phone[each.national] = each
            if each.handset:
                self._handsets.sample(each.national, each.handset)
        self._size = size


def read(path: Path) -> Iterator[Person]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield Person(**json.loads(line))


def _named(number: int) -> tuple[str, str, str, tuple[str, ...], str] | None:
    return NAMED[number - 1] if number <= len(NAMED) else None


def _made_up(chance: random.Random) -> tuple[str, str, str, tuple[str, ...], str]:
    name = chance.choice(_SURNAMES) + chance.choice(_GIVEN)
    birth = date(1940, 1, 1) + timedelta(days=chance.randrange(24_000))
    english = chance.random() < 0.05
    sex = chance.choice("12") if birth.year < 2000 else chance.choice("34")
    first = chance.choices((*APPS, "sms"), weights=(50, 20, 15, 15))[0]
    return name, birth.isoformat(), sex, _order(first, chance), "en" if english else "ko"


def _order(first: str, chance: random.Random) -> tuple[str, ...]:
    if first == "sms":
        return ("sms",)
    second = chance.choices(("sms", "kakaotalk", ""), weights=(75, 10, 15))[0]
    return (first,) if second in ("", first) else (first, second)


def _data_types(number: int, elderly: bool, chance: random.Random) -> list[str]:
    """Most people choose most of what there is; the sample people choose everything."""
    if number <= len(NAMED):
        return list(DATA_TYPES)
    if elderly and chance.random() < 0.3:
        return ["vaccination"]
    return [code for code in DATA_TYPES if chance.random() < 0.85] or [DATA_TYPES[0]]


def _handset(number: int, channels: tuple[str, ...], chance: random.Random) -> dict[str, Any]:
    """About 4 % cannot be reached in the app that they put first."""
    if number <= len(NAMED):
        return {"blocked": ["kakaotalk"]} if NAMED[number - 1][0] == "강차단" else {}
    if channels[0] == "sms" or chance.random() >= 0.047:
        return {}
    return {chance.choice(("blocked", "not_a_user")): [channels[0]]}


def _ci(number: int) -> str:
    return base64.b64encode(hashlib.sha512(f"{SEED}:ci:{number}".encode()).digest()).decode()
