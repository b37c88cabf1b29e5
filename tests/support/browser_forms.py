"""A browser's way with forms for Django's test client: read the page, fill in, post with its CSRF token."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin

from django.test import Client


@dataclass
class PageForm:
    action: str
    values: dict[str, list[str]] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)


class FormReader(HTMLParser):
    """The posting forms of a page with what they would send if nothing were filled in."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: list[PageForm] = []
        self._form: PageForm | None = None
        self._select = self._textarea = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {key: value or "" for key, value in attrs}
        if tag == "form" and found.get("method", "get").lower() == "post":
            self._form = PageForm(found.get("action", ""))
            self.forms.append(self._form)
        if self._form is None:
            return
        name = found.get("name", "")
        if tag in ("input", "select", "textarea", "button") and name:
            self._form.names.add(name)
        if tag == "input" and name and found.get("type") not in ("submit", "button"):
            ticked = found.get("type") in ("checkbox", "radio")
            if not ticked or "checked" in found:
                self._form.values.setdefault(name, []).append(found.get("value", "on" if ticked else ""))
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and "selected" in found:
            self._form.values.setdefault(self._select, []).append(found.get("value", ""))
        elif tag == "textarea":
            self._textarea = name
            self._form.values[name] = [""]

    def handle_data(self, data: str) -> None:
        if self._form is not None and self._textarea:
            self._form.values[self._textarea][0] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._textarea = ""


def fill_in(client: Client, url: str, *, action: str = "", button: str = "", **values: Any) -> Any:
    """Open `url`, fill `values` into the form whose action ends in `action`, post it, follow redirects.

    A value of None leaves a checkbox out. Fails where the page has no such form or no such field.
    """
    page = client.get(url)
    assert page.status_code == 200, (url, page.status_code)
    form = _choose(FormReader(page.content.decode()).forms, action, set(values) | ({button} if button else set()))
    data: dict[str, Any] = {**form.values, **values, **({button: "1"} if button else {})}
    data = {name: value for name, value in data.items() if value is not None}
    return client.post(urljoin(url, form.action or url), data, follow=True)


def _choose(forms: list[PageForm], action: str, names: set[str]) -> PageForm:
    fitting = [form for form in forms if form.action.endswith(action) and names <= form.names]
    assert fitting, f"no form with {sorted(names)} and action …{action}: {[sorted(f.names) for f in forms]}"
    return fitting[0]
