"""What a person can fill in on a page, filled in differently from what it shows, and read back."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

TICKED = ("radio", "checkbox")
NO_INPUT = ("hidden", "submit", "button")


@dataclass
class Input:
    """One input, or all radios or checkboxes of one name."""

    kind: str
    values: list[str] = field(default_factory=list)  # shown or chosen now
    offered: list[str] = field(default_factory=list)  # of radios, checkboxes and lists

    @property
    def is_secret(self) -> bool:
        return self.kind in ("password", "one-time-code")

    def other(self) -> list[str]:
        """Return values that are not shown now, as a person could enter them."""
        others = [each for each in self.offered if each not in self.values]
        if self.kind == "checkbox":
            return others
        return others[-1:] if self.offered else ["가나 <1>"]


@dataclass
class Form:
    identity: str
    action: str
    inputs: dict[str, Input] = field(default_factory=dict)
    hidden: dict[str, list[str]] = field(default_factory=dict)

    def filled_in(self) -> dict[str, list[str]]:
        return {name: each.other() for name, each in self.inputs.items()}

    def shown(self) -> dict[str, list[str]]:
        return {name: each.values for name, each in self.inputs.items()}


class FilledForms(HTMLParser):
    """The posting forms of a page, and the buttons that stand outside of their form."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.buttons: list[dict[str, str]] = []
        self._form: Form | None = None
        self._select: Input | None = None
        self._textarea: Input | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {key: value or "" for key, value in attrs}
        if tag == "form" and found.get("method", "").lower() == "post":
            self._form = Form(found.get("id", ""), found.get("action", ""))
            self.forms.append(self._form)
        elif tag == "button" and "form" in found:
            self.buttons.append(found)
        elif self._form is None:
            return
        elif tag == "input":
            self._read_input(self._form, found)
        elif tag == "select":
            self._select = self._form.inputs.setdefault(found["name"], Input("select"))
        elif tag == "textarea":
            self._textarea = self._form.inputs.setdefault(found["name"], Input("textarea", [""]))
        elif tag == "option" and self._select is not None:
            self._select.offered.append(found.get("value", ""))
            self._select.values += [found.get("value", "")] if "selected" in found else []

    def _read_input(self, form: Form, found: dict[str, str]) -> None:
        name, kind = found.get("name", ""), found.get("type", "text")
        value = found.get("value", "on" if kind in TICKED else "")
        if kind in NO_INPUT:
            form.hidden.setdefault(name, []).append(value)
            return
        if found.get("autocomplete") == "one-time-code":
            kind = "one-time-code"
        mine = form.inputs.setdefault(name, Input(kind))
        if kind in TICKED:
            mine.offered.append(value)
        if kind not in TICKED or "checked" in found:
            mine.values.append(value)

    def handle_data(self, data: str) -> None:
        if self._textarea is not None:
            self._textarea.values[0] += data

    def handle_endtag(self, tag: str) -> None:
        self._form = None if tag == "form" else self._form
        self._select = None if tag == "select" else self._select
        self._textarea = None if tag == "textarea" else self._textarea
