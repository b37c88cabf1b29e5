"""Read nested tables (TOML, or an administrator's form as a mapping), with every mistake at its place."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from secretary.kernel.korean.korean import clean_line, clean_text, has_hidden_characters
from subscriptions.specs import Words

_ONE_OF: Final = {"agencies": "agency", "fields": "field", "stages": "stage"}
CODE: Final = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class SpecProblem:
    """A mistake and its place: `traffic_fine.toml, stage overdue, sms ko, body`."""

    where: str
    message: str

    def __str__(self) -> str:
        return f"{self.where}: {self.message}"


class SpecErrors(ValueError):
    """A data type, agency or consent text that is not valid. `problems` has all reasons."""

    def __init__(self, problems: Sequence[SpecProblem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = list(problems)


@dataclass(slots=True)
class Table:
    """A mapping with a place. Its readers add to `problems`, which a file's tables share, and continue."""

    data: Mapping[str, Any]
    where: str
    problems: list[SpecProblem]
    read: set[str] = field(default_factory=set)

    def report(self, message: Any, part: str = "", **values: object) -> None:
        text = str(message % values if values else message)
        self.problems.append(SpecProblem(f"{self.where}, {part}" if part else self.where, text))

    def value(self, key: str, kind: type | tuple[type, ...], default: Any, *, required: bool = False) -> Any:
        """Return the value at `key`, if it is a `kind`; otherwise `default`, and report a problem."""
        self.read.add(key)
        found = self.data.get(key)
        if found is None:
            if required:
                self.report(_("%(key)s is missing."), key=key)
            return default
        if not isinstance(found, kind) or (kind is int and isinstance(found, bool)):
            self.report(_("%(key)s has the wrong type."), key=key)
            return default
        return found

    def text(self, key: str, *, most: int, required: bool = False, lines: bool = False) -> str:
        found: str = self.value(key, str, "", required=required)
        if has_hidden_characters(found):
            self.report(_("%(key)s holds invisible characters."), key=key)
        cleaned = clean_text(found).strip() if lines else clean_line(found)
        if required and not cleaned and key in self.data:
            self.report(_("%(key)s is empty."), key=key)
        if len(cleaned) > most:
            self.report(_("%(key)s is longer than %(most)d characters."), key=key, most=most)
        return cleaned

    def code(self, key: str, *, most: int, required: bool = True) -> str:
        found = self.text(key, most=most, required=required)
        if found and not CODE.fullmatch(found):
            self.report(_("%(key)s: only lowercase letters, digits and _, a letter first."), key=key)
        return found

    def choice(self, key: str, allowed: Sequence[str], *, default: str = "") -> str:
        found = self.text(key, most=60, required=not default) or default
        if found and found not in allowed:
            self.report(_("%(key)s must be one of: %(allowed)s."), key=key, allowed=", ".join(allowed))
        return found

    def integer(self, key: str, default: int, *, least: int, most: int) -> int:
        found: int = self.value(key, int, default)
        if not least <= found <= most:
            self.report(_("%(key)s must be from %(least)d to %(most)d."), key=key, least=least, most=most)
        return found

    def flag(self, key: str, default: bool | None = False) -> bool | None:
        found: bool | None = self.value(key, bool, default)
        return found

    def words(self, key: str, *, ko: int, en: int, default: Words | None = None) -> Words:
        """Return both languages; `ko` and `en` are their length limits in characters."""
        if default is not None and key not in self.data:
            return default
        table = self.table(key)
        both = Words(table.text("ko", most=ko, required=True), table.text("en", most=en, required=True))
        table.done()
        return both

    def table(self, key: str, *, required: bool = True) -> "Table":
        return Table(self.value(key, dict, {}, required=required), f"{self.where}, {key}", self.problems)

    def tables(self, key: str, *, named_by: str = "") -> Iterator["Table"]:
        """Yield the tables of a list. Each is placed by its own name (`named_by`), else by its number."""
        for number, item in enumerate(self.value(key, list, []), start=1):
            name = item.get(named_by, number) if isinstance(item, dict) else number
            place = f"{self.where}, {_ONE_OF.get(key, key)} {name}"
            if isinstance(item, dict):
                yield Table(item, place, self.problems)
            else:
                self.problems.append(SpecProblem(place, str(_("is not a table."))))

    def done(self) -> None:
        """Report unknown keys: a misspelt key must not pass silently."""
        for key in self.data.keys() - self.read:
            self.report(_("%(key)s is unknown."), key=key)
