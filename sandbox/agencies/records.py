"""Make what the agencies know about each sample person: the same records again for the same person and day.

The catalogue lists the fields and stages of a data type. A record is dated so that one of its stages
falls on the day given: the stage's own date is moved there and the others keep the distances that the
catalogue's samples have.
"""

import random
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta, timezone
from typing import Any

from sandbox.agencies.catalogue import DataType, data_types
from sandbox.state.people import SEED, Person

KST = timezone(timedelta(hours=9))
SECOND_RECORD, THIRD_RECORD = 0.24, 0.06  # with the first: about 1.3 records a person
ONCE_PAID = ("paid_amount", "receipt_number")  # known to the payee
SENIOR_BORN, STUDENT_BORN = 1951, 1990  # training for drivers from 75, grants for students
APTITUDE_FROM = 70
CORRECTED, WITHDRAWN, SETTLED, DAMAGED = 0.03, 0.01, 0.02, 0.002


def records_of(number: int, person: Person, today: date) -> Iterator[tuple[str, dict[str, Any]]]:
    """(feed, canonical record) of one person; a correction comes right after what it corrects."""
    chance = random.Random(f"{SEED}:records:{number}")
    for index, kind in enumerate(_types_of(number, person, chance)):
        external_id = f"{kind.feed.split('-')[0].upper()}-{kind.code}-{number:08d}-{index}"
        record = {
            "external_id": external_id,
            "data_type": kind.code,
            "version": 1,
            "state": "open",
            **_possible(_dated(kind, today, chance), kind, person, today),
            "subject": _subject(person, chance),
        }
        yield kind.feed, _maybe_damaged(record, kind, chance)
        later = _later_version(record, kind, chance)
        if later is not None:
            yield kind.feed, later


def _types_of(number: int, person: Person, chance: random.Random) -> list[DataType]:
    """Return the first in turn, so that a handful of people already shows every type; more by chance."""
    kinds = list(data_types().values())
    in_turn = kinds[(number - 1) % len(kinds)]
    likely = [kind for kind in kinds if _concerns(kind.code, person)]
    wanted = [kind for kind in likely if kind.code in person.data_types] or likely
    chosen = [in_turn if in_turn in wanted else chance.choice(wanted)]
    for probability in (SECOND_RECORD, THIRD_RECORD):
        if chance.random() < probability:
            chosen.append(chance.choice(likely))  # also types without a subscription
    return chosen


def _concerns(code: str, person: Person) -> bool:
    born = int(person.birth_date[:4])
    if code == "senior_driver_training":
        return born <= SENIOR_BORN
    if code == "national_scholarship":
        return born >= STUDENT_BORN
    return True


def _dated(kind: DataType, today: date, chance: random.Random) -> dict[str, Any]:
    """event and fields, so that one stage is due on `today`."""
    stage = chance.choice([stage for stage in kind.stages if _can_fire(stage)])
    values = {field["name"]: _value(field, chance) for field in kind.fields if field["name"] not in ONCE_PAID}
    shift = _shift(kind, stage, today, chance)
    for field in kind.fields:
        if field["type"] in ("date", "datetime"):
            values[field["name"]] = _moved(field, shift, today, chance)
    return {"event": stage.get("event", "opened"), "fields": values}


def _possible(record: dict[str, Any], kind: DataType, person: Person, today: date) -> dict[str, Any]:
    """Return what the law allows together: the aptitude test is for class 1 and for class 2 from 70 (도로교통법 §87②);
    the training of senior drivers is a duty from 75 (§73⑤), before that a recommendation without a day."""
    fields, age = record["fields"], today.year - int(person.birth_date[:4])
    if kind.code == "licence_renewal":
        needed = fields["licence_kind"].startswith("class1") or age >= APTITUDE_FROM
        return {**record, "fields": {**fields, "aptitude_test": "needed" if needed else "not_needed"}}
    if kind.code == "senior_driver_training":
        duty = "recommended" if record["event"] == "recommended" else "required"
        without_a_day = {name: value for name, value in fields.items() if name != "due_on" or duty == "required"}
        return {**record, "fields": {**without_a_day, "duty": duty}}
    return record


def _can_fire(stage: dict[str, Any]) -> bool:
    if stage["on"] == "date":
        return "open" in stage.get("states", ["open"])
    return stage["on"] in ("opened", "event")


def _shift(kind: DataType, stage: dict[str, Any], today: date, chance: random.Random) -> timedelta:
    """Return how far the samples' dates are moved."""
    if stage["on"] == "date":
        return today - timedelta(days=stage["days"]) - _sample_day(kind.field(stage["field"]))
    slots = [field for field in kind.fields if "date_slot" in field]
    if not slots:
        return timedelta(0)
    return today + timedelta(days=chance.randrange(3, 28)) - min(_sample_day(field) for field in slots)


def _moved(field: dict[str, Any], shift: timedelta, today: date, chance: random.Random) -> str:
    """Return a date in the past for a field without a slot in the catalogue: when something was done."""
    day = _sample_day(field) + shift
    if "date_slot" not in field:
        day = min(day, today - timedelta(days=1))
    if field["type"] == "date":
        return day.isoformat()
    at = _sample_time(field) or time(chance.randrange(9, 17), chance.choice((0, 10, 20, 30, 40, 50)))
    return datetime.combine(day, at, KST).isoformat()


def _sample_day(field: dict[str, Any]) -> date:
    return date.fromisoformat(str(field.get("sample", "2026-04-01"))[:10])


def _sample_time(field: dict[str, Any]) -> time | None:
    sample = str(field.get("sample", ""))
    return time.fromisoformat(sample[11:16]) if len(sample) >= 16 else None


def _value(field: dict[str, Any], chance: random.Random) -> Any:
    if field["type"] == "choice":
        return chance.choice(list(field["choices"]))
    return field.get("sample", "")


def _subject(person: Person, chance: random.Random) -> dict[str, str]:
    """By CI; by name, birth date and phone for citizens whom an official registered; by both now and then."""
    details = {"name": person.name, "birth_date": person.birth_date, "phone": person.phone}
    if person.registered_by == "official":
        return details
    return {"ci": person.ci, **(details if chance.random() < 0.3 else {})}


def _later_version(record: dict[str, Any], kind: DataType, chance: random.Random) -> dict[str, Any] | None:
    drawn = chance.random()
    if drawn < CORRECTED:
        return {**record, "version": 2, "fields": _corrected(record["fields"], kind)}
    if drawn < CORRECTED + WITHDRAWN:
        return {**record, "version": 2, "state": "withdrawn"}
    if drawn < CORRECTED + WITHDRAWN + SETTLED:
        return {**record, "version": 2, "state": "paid" if kind.payable else "completed"}
    return None


def _corrected(fields: dict[str, Any], kind: DataType) -> dict[str, Any]:
    """Return the record with one announced field corrected: a date a week later, an amount 10 % lower."""
    announced = [field for field in kind.fields if field.get("announce_changes")] or kind.fields
    for field in announced:
        value = fields.get(field["name"], "")
        if not value:
            continue
        if field["type"] == "date":
            return {**fields, field["name"]: (date.fromisoformat(value) + timedelta(days=7)).isoformat()}
        if field["type"] == "datetime":
            return {**fields, field["name"]: (datetime.fromisoformat(value) + timedelta(days=7)).isoformat()}
        if field["type"] == "won":
            return {**fields, field["name"]: int(value) * 9 // 10}
    return fields


def _maybe_damaged(record: dict[str, Any], kind: DataType, chance: random.Random) -> dict[str, Any]:
    """Return a line as agencies do send them: an impossible day, a negative amount, no identifier."""
    if chance.random() >= DAMAGED:
        return record
    for field in kind.fields:
        if field["type"] in ("date", "datetime"):
            return {**record, "fields": {**record["fields"], field["name"]: "2026-02-30"}}
        if field["type"] == "won":
            return {**record, "fields": {**record["fields"], field["name"]: -1}}
    return {**record, "external_id": ""}
