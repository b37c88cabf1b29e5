"""Read a TOML file (or the same mapping from an administrator's form) into a checked `DataTypeSpec`."""

import tomllib
from collections.abc import Container, Mapping, Sequence
from datetime import time
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _

from secretary.kernel.korean.korean import Language
from secretary.kernel.language import as_language
from subscriptions.data_types.checks import check_data_type
from subscriptions.data_types.reading import CODE, SpecErrors, SpecProblem, Table
from subscriptions.message_templates.site import with_site
from subscriptions.specs import (
    CHANNELS,
    CONSENT_PARTS,
    DATED_TYPES,
    FIELD_TYPES,
    GROUPS,
    LANGUAGES,
    MOST_REACH_HOURS,
    AgencySpec,
    ConsentSpec,
    DataTypeSpec,
    Expiry,
    FieldSpec,
    MessageTemplateSpec,
    StageSpec,
    Words,
)
from subscriptions.triggers import STATES, TOLD_ONLY, TRIGGERS


def read_data_type(
    data: Mapping[str, Any],
    source: str,
    *,
    channels: Sequence[str] = CHANNELS,
    complete: bool = True,
    known: Container[tuple[str, str]] = (),
) -> DataTypeSpec:
    """Return the data type that `data` describes; `source` names it in problems (a file name, or a form's title).

    `complete` also requires a template of every stage on each of `channels` in every language; a draft may lack
    some. `known`: codes and digests of data types that have been checked. Raises SpecErrors with every problem found,
    not only the first.
    """
    problems: list[SpecProblem] = []
    table = Table(data, source, problems)
    spec = _data_type(table)
    table.done()
    if not problems and not (known and (spec.code, spec.digest()) in known):
        problems += check_data_type(spec, source, channels=channels if complete else ())
    if problems:
        raise SpecErrors(problems)
    return spec


def read_agencies(data: Mapping[str, Any], source: str) -> list[AgencySpec]:
    """Return the agencies of `[[agencies]]` tables. Raises SpecErrors."""
    problems: list[SpecProblem] = []
    table = Table(data, source, problems)
    agencies = [_agency(item) for item in table.tables("agencies", named_by="code")]
    table.done()
    if problems:
        raise SpecErrors(problems)
    return agencies


def read_file(path: Path) -> dict[str, Any]:
    """Return the tables of a TOML file. Raises SpecErrors for a file that is not TOML."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SpecErrors([SpecProblem(path.name, str(error))]) from error


def _agency(table: Table) -> AgencySpec:
    agency = AgencySpec(
        code=table.code("code", most=20),
        name=table.words("name", ko=20, en=50),
        phone=table.text("phone", most=14, required=True),
    )
    table.done()
    return agency


def _data_type(table: Table) -> DataTypeSpec:
    return DataTypeSpec(
        code=table.code("code", most=40),
        group=table.choice("group", GROUPS),
        order=table.integer("order", 100, least=0, most=9999),
        agency=table.code("agency", most=20),
        urgent=bool(table.flag("urgent")),
        sensitive=bool(table.flag("sensitive")),
        payable=table.code("payable", most=40, required=False),
        name=table.words("name", ko=60, en=100),
        summary=table.words("summary", ko=200, en=300),
        frequency=table.words("frequency", ko=100, en=150),
        consents=_consents(table.table("consent")),
        fields=tuple(_field(item) for item in table.tables("fields", named_by="name")),
        stages=tuple(_stage(item) for item in table.tables("stages", named_by="code")),
        reach_hours=table.integer("reach_hours", 0, least=0, most=MOST_REACH_HOURS),
        reach_channels=table.integer("reach_channels", 0, least=0, most=len(CHANNELS)),
    )


def _consents(table: Table) -> tuple[ConsentSpec, ...]:
    consents = tuple(_consent(table.table(language), language) for language in LANGUAGES)
    table.done()
    return consents


def _consent(table: Table, language: Language) -> ConsentSpec:
    texts = {part: table.text(part, most=1000, required=True, lines=True) for part in CONSENT_PARTS}
    consent = ConsentSpec(language, **texts)
    table.done()
    return consent


def _field(table: Table) -> FieldSpec:
    kind = table.choice("type", FIELD_TYPES)
    slot: int | None = table.value("date_slot", int, None)
    spec = FieldSpec(
        name=table.code("name", most=40),
        type=kind,
        placeholder=table.text("placeholder", most=30, required=True),
        label=table.words("label", ko=40, en=80),
        required=bool(table.flag("required", True)),
        required_for=_moments(table),
        date_slot=slot,
        deadline=bool(table.flag("deadline")),
        announce_changes=bool(table.flag("announce_changes")),
        private=bool(table.flag("private")),
        max_length=table.integer("max_length", 60, least=1, most=200),
        choices=_choices(table.table("choices", required=kind == "choice")),
        sample=_sample(table, kind),
        sample_en=table.text("sample_en", most=200),
    )
    if slot is not None and kind not in DATED_TYPES:
        table.report(_("date_slot is only for fields of type date or datetime."))
    if spec.deadline and (kind != "date" or slot is None):
        table.report(_("deadline is only for fields of type date with a date_slot."))
    table.done()
    return spec


def _moments(table: Table) -> tuple[str, ...]:
    """Read `required_for = ["documents_missing", "paid"]`: codes of events and states."""
    found = tuple(str(item) for item in table.value("required_for", list, []))
    if not all(CODE.fullmatch(item) for item in found) or len(set(found)) != len(found):
        table.report(_("required_for must be different codes of events or states."))
    return found


def _choices(table: Table) -> tuple[tuple[str, Words], ...]:
    return tuple((code, table.words(code, ko=60, en=100)) for code in table.data)


def _sample(table: Table, kind: str) -> str:
    """Return a number as text, its stored form; files hold it as a number."""
    if kind in ("won", "int") and "sample" in table.data:
        return str(table.integer("sample", 0, least=0, most=9_999_999_999))
    return table.text("sample", most=200)


def _stage(table: Table) -> StageSpec:
    moment = table.choice("on", tuple(TRIGGERS))
    field = table.code("field", most=40, required=moment == "date")
    spec = StageSpec(
        code=table.code("code", most=30),
        label=table.words("label", ko=60, en=80),
        on=moment,
        event=table.code("event", most=30, required=moment == "event"),
        field=field if moment == "date" else "",
        days=table.integer("days", 0, least=-400, most=400),
        at=_time(table),
        states=_listed(table, "states", STATES) or ("open",),
        urgent=table.flag("urgent", None),
        told_only=bool(table.flag("told_only", moment in TOLD_ONLY)),
        expires=_expiry(table, field),
        templates=tuple(one for item in table.tables("template") for one in _templates(item)),
    )
    table.done()
    return spec


def _time(table: Table) -> time:
    written = table.text("at", most=5) or "09:00"
    try:
        return time.fromisoformat(written)
    except ValueError:
        table.report(_("at must be a time such as 09:00."))
        return time(9)


def _listed(table: Table, key: str, allowed: Sequence[str]) -> tuple[str, ...]:
    found = tuple(str(item) for item in table.value(key, list, []))
    if not set(found) <= set(allowed) or len(set(found)) != len(found):
        table.report(_("%(key)s must be distinct values out of: %(allowed)s."), key=key, allowed=", ".join(allowed))
    return found


def _expiry(table: Table, stage_field: str) -> Expiry | None:
    """Read `{ field = "due_on", days = 0 }`, or `{ event = true }` for the stage's own datetime."""
    if "expires" not in table.data:
        return None
    inner = table.table("expires")
    own = inner.code("field", most=40, required=not stage_field) or stage_field
    days = inner.integer("days", 0, least=-400, most=400)
    expiry = Expiry(own, days, bool(inner.flag("event")))
    inner.done()
    return expiry


def _templates(table: Table) -> list[MessageTemplateSpec]:
    """Return one template for each of the channels that share the text."""
    language = as_language(table.choice("language", LANGUAGES))
    channels = tuple(str(item) for item in table.value("channels", list, [], required=True))
    title = table.text("title", most=50)
    body = with_site(table.text("body", most=5000, required=True, lines=True), language)
    table.done()
    return [MessageTemplateSpec(channel, language, title, body) for channel in channels]
