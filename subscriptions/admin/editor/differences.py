"""Compare two versions line by line, in the form in which both are checked."""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from secretary.kernel.language import as_language
from subscriptions.admin.editor.page import Page
from subscriptions.admin.editor.place_words import words_of_place, words_of_value
from subscriptions.data_types.version_mapping import mapping_of
from subscriptions.models import DataTypeVersion, MessageTemplate

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    path: Path
    place: str
    old: SafeString
    new: SafeString


def show_differences(page: Page, other: int) -> HttpResponse:
    """Show this version against `other`, the older of the two first."""
    second = get_object_or_404(DataTypeVersion, pk=other, data_type=page.version.data_type)
    old, new = sorted([page.version, second], key=lambda version: version.number)
    title = _("Differences between v%(old)d and v%(new)d") % {"old": old.number, "new": new.number}
    return page.show("differences.html", title, old=old, new=new, differences=list(differences(old, new)))


def differences(old: DataTypeVersion, new: DataTypeVersion) -> Iterator[Difference]:
    """Yield every place whose text is not the same, in the order of the newer version."""
    first, second = _shown(old), _shown(new)
    labels = _labels(first) | _labels(second)
    before, after = dict(_flat(first)), dict(_flat(second))
    for path in [*after, *(key for key in before if key not in after)]:
        one, two = (words_of_value(path, side.get(path, "")) for side in (before, after))
        if one != two:
            yield Difference(path, words_of_place(path, labels), *marked(one, two))


def _labels(content: dict[str, Any]) -> dict[str, str]:
    """Return how its fields and stages are called."""
    named = {"fields": "name", "stages": "code"}
    spoken = as_language(get_language())
    return {f"{part} {item[key]}": item["label"][spoken] for part, key in named.items() for item in content[part]}


def _shown(version: DataTypeVersion) -> dict[str, Any]:
    """Return the version with the other approved parts: the agency's name and telephone, and the vendors' codes."""
    own = version.contact() if version.state != DataTypeVersion.DRAFT else version.data_type.agency.contact()
    templates = (
        MessageTemplate.objects.filter(stage__version=version).exclude(vendor_template="").select_related("stage")
    )
    codes = {f"{item.stage.code} {item.channel} {item.language}": item.vendor_template for item in templates}
    return {**mapping_of(version), "citizens read": own, "template codes": codes}


def _flat(value: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Return path → text for every leaf; items of lists are placed by their own name."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _flat(inner, (*path, str(key)))
    elif isinstance(value, list) and all(isinstance(item, dict) for item in value):
        for number, item in enumerate(value):
            yield from _flat(item, (*path, _name(item, number)))
    elif isinstance(value, list):
        yield path, ", ".join(map(str, value))
    else:
        yield path, str(value)


def _name(item: dict[str, Any], number: int) -> str:
    if "channels" in item:
        return f"{item['channels'][0]} {item['language']}"
    return str(item.get("name") if isinstance(item.get("name"), str) else item.get("code", number))


def marked(old: str, new: str) -> tuple[SafeString, SafeString]:
    """Return both texts, escaped, with removals and additions marked."""
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    before: list[tuple[SafeString]] = []
    after: list[tuple[SafeString]] = []
    for tag, i, j, k, m in matcher.get_opcodes():
        before.append((_mark("del" if tag != "equal" else "", old[i:j]),))
        after.append((_mark("ins" if tag != "equal" else "", new[k:m]),))
    return format_html_join("", "{}", before), format_html_join("", "{}", after)


def _mark(tag: str, text: str) -> SafeString:
    if not tag or not text:
        return format_html("{}", text)
    return format_html("<del>{}</del>" if tag == "del" else "<ins>{}</ins>", text)
