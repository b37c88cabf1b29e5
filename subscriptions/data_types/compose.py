"""Write the message templates of a draft: what a stage says is written once, frames lay it out for each channel.

A draft has the form of any data type, and beside it `matter` (what its notices are about), `key` (the fields that name
a case), `last_day` (the date after which a correction no longer helps) and, in a stage, `message` in place of
templates. One that is `like` another data type has that one's fields, stages and tariff, in other words (`replace`).
The result is the mapping of a file with every template spelt out, and is checked by the same rules.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from subscriptions.data_types.reading import SpecErrors, SpecProblem, Table
from subscriptions.specs import LANGUAGES, Words

Tables = Mapping[str, Any]

DAYS_LEFT: Final = "days_left"  # in a list: the line about the days that are left
OWN_KEYS: Final = ("matter", "key", "last_day", "like", "replace")
MATTER: Final = "{matter}"
OPENING: Final = "{opening}"
PARTS: Final = ("lead", "act", "brief", "toss")
_CONDITIONS: Final = re.compile(r"(?:#\{\?[^#{}]*\} ?)*")
_GAP: Final = re.compile(r"\n{3,}")
_MOST: Final = 1000


@dataclass(frozen=True, slots=True)
class _Kind:
    """What all messages of a draft share. `lines`: for each name that a list may hold, its lines in both languages."""

    matter: Words
    lines: Mapping[str, tuple[Words, ...]]
    layouts: Sequence[Tables]


@dataclass(frozen=True, slots=True)
class _Message:
    """What a stage says in one language. `toss`: the text for its 200 characters, "" where the brief one fits."""

    lead: str
    lines: tuple[str, ...]
    act: str
    brief: str
    toss: str


def composed(draft: Tables, frames: Tables, source: str, *, others: Mapping[str, Tables]) -> dict[str, Any]:
    """Return `draft` with the stages of every kind, and with templates in place of messages.

    `others`: the shipped data types by code, of which one can be `like`. Raises SpecErrors.
    """
    problems: list[SpecProblem] = []
    draft = _as_another(draft, others, problems, source)
    names = {"changing": _changing(draft), "key": list(draft.get("key", []))}
    matter = Table(draft, source, problems).words("matter", ko=30, en=60)
    kind = _Kind(matter, _lines(draft, frames, names), frames["layouts"])
    stages = [dict(stage) for stage in [*draft.get("stages", []), *_common_stages(draft, frames, names)]]
    for stage in stages:
        if "message" in stage:
            place = f"{source}, stage {stage.get('code')}, message"
            stage["template"] = _templates(Table(stage.pop("message"), place, problems), kind)
    if problems:
        raise SpecErrors(problems)
    whole = {key: value for key, value in draft.items() if key not in OWN_KEYS}
    return whole | {"stages": stages, "consent": _consent(draft, frames)}


def laid_out(
    message: Tables, *, matter: Words, fields: Sequence[Tables], names: Mapping[str, Sequence[str]], frames: Tables
) -> list[dict[str, Any]]:
    """Return the templates of one message, by language and channels. `names`: what its lists may name beside a field.

    Raises SpecErrors.
    """
    problems: list[SpecProblem] = []
    kind = _Kind(matter, _lines({"fields": fields}, frames, names), frames["layouts"])
    found = _templates(Table(message, "message", problems), kind)
    if problems:
        raise SpecErrors(problems)
    return found


def _as_another(draft: Tables, others: Mapping[str, Tables], problems: list[SpecProblem], source: str) -> Tables:
    """Return a draft that is `like` another with what it has of that one. Each replacement must be of use, so that a
    text of the other cannot change unseen."""
    if "like" not in draft:
        return draft
    text = json.dumps(others[draft["like"]], ensure_ascii=False)
    for old, new in draft.get("replace", []):
        if old not in text:
            problems.append(SpecProblem(source, f"replace: “{old}” is nowhere in {draft['like']}"))
        text = text.replace(old, new)
    return dict(json.loads(text)) | dict(draft)


def _changing(draft: Tables) -> list[str]:
    fields = draft.get("fields", [])
    return [item["name"] for item in fields if item.get("announce_changes") and not item.get("private")]


def _common_stages(draft: Tables, frames: Tables, names: Mapping[str, list[str]]) -> Iterator[dict[str, Any]]:
    """Yield the frames' stages that the draft has not written itself."""
    own = {stage.get("code") for stage in draft.get("stages", [])}
    for stage in frames["stages"]:
        if stage["code"] in own or (stage["on"] == "changed" and not names["changing"]):
            continue
        ends = stage["on"] == "changed" and "last_day" in draft
        yield stage | ({"expires": {"field": draft["last_day"], "days": 0}} if ends else {})


def _consent(draft: Tables, frames: Tables) -> dict[str, Any]:
    kept, consent = frames["retention"], draft.get("consent", {})
    return {language: {"retention": kept[language], **consent.get(language, {})} for language in LANGUAGES}


def _lines(draft: Tables, frames: Tables, names: Mapping[str, Sequence[str]]) -> dict[str, tuple[Words, ...]]:
    lines = {DAYS_LEFT: (Words(**frames[DAYS_LEFT]),)}
    for item in draft.get("fields", []):
        label, value = item["label"], f"#{{{item['placeholder']}}}"
        lines[item["name"]] = (Words(f"- {label['ko']}: {value}", f"- {label['en']}: {value}"),)
    several = {name: tuple(line for each in listed for line in lines[each]) for name, listed in names.items()}
    return lines | several


def _templates(table: Table, kind: _Kind) -> list[dict[str, Any]]:
    titles = table.words("title", ko=50, en=50)
    listed = table.value("list", (list, str), [])
    names = [listed] if isinstance(listed, str) else listed
    for name in names:
        if name not in kind.lines:
            table.report(f"“{name}” is no field")
    parts = {part: _part(table, part) for part in PARTS}
    table.done()
    lines = [line for name in names for line in kind.lines.get(name, ())]
    return [_template(layout, titles, parts, lines, kind.matter) for layout in kind.layouts]


def _part(table: Table, part: str) -> Words:
    """Return the part, with empty texts where it is not written; only the lead must be."""
    if part not in table.data and part != "lead":
        return Words("", "")
    inner = table.table(part)
    words = Words(*(inner.text(language, most=_MOST, required=True, lines=True) for language in LANGUAGES))
    inner.done()
    return words


def _template(
    layout: Tables, titles: Words, parts: Mapping[str, Words], lines: Sequence[Words], matter: Words
) -> dict[str, Any]:
    language = layout["language"]
    spoken = {part: words.of(language) for part, words in parts.items()}
    message = _Message(
        lead=spoken["lead"],
        lines=tuple(line.of(language) for line in lines),
        act=spoken["act"],
        brief=spoken["brief"] or spoken["act"],
        toss=spoken["toss"],
    )
    texts = {"title": titles.of(language), "body": _laid_out(message, layout)}
    written = {name: text.replace(MATTER, matter.of(language)) for name, text in texts.items()}
    return {"channels": layout["channels"], "language": language, **written}


def _laid_out(message: _Message, layout: Tables) -> str:
    lead, closing = _opened(message.lead, layout.get("opening", "")), layout["closing"].strip()
    if layout.get("long"):
        return _GAP.sub("\n\n", "\n\n".join((lead, "\n".join(message.lines), message.act, closing)))
    is_toss = layout["channels"] == ["toss"]
    parts = (_opened(message.toss, ""),) if message.toss and is_toss else (lead, message.brief)
    text = "\n".join(part for part in (*parts, closing) if part)
    return text.replace("{list}", "\n".join(line.removeprefix("- ") for line in message.lines)).replace("\n\n", "\n")


def _opened(lead: str, opening: str) -> str:
    """Return the lead behind the opening, or with a capital letter where there is none.

    A lead that begins in another language says by {opening} where it is to stand.
    """
    if OPENING in lead:
        return lead.replace(OPENING, opening)
    start = found.end() if (found := _CONDITIONS.match(lead)) else 0
    first = lead[start : start + 1]
    return f"{lead[:start]}{opening}{first if opening else first.upper()}{lead[start + 1 :]}"
