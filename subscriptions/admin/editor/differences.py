"""Compare two versions line by line, in the form in which both are checked."""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from subscriptions.admin.editor.page import Page
from subscriptions.data_types.version_mapping import mapping_of
from subscriptions.models import DataTypeVersion, MessageTemplate


@dataclass(frozen=True, slots=True)
class Difference:
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
    before, after = dict(_flat(_shown(old))), dict(_flat(_shown(new)))
    for place in [*after, *(key for key in before if key not in after)]:
        one, two = before.get(place, ""), after.get(place, "")
        if one != two:
            yield Difference(place, *_marked(one, two))


def _shown(version: DataTypeVersion) -> dict[str, Any]:
    """Return the version with the other approved parts: the agency's name and telephone, and the vendors' codes."""
    own = version.contact() if version.state != DataTypeVersion.DRAFT else version.data_type.agency.contact()
    templates = (
        MessageTemplate.objects.filter(stage__version=version).exclude(vendor_template="").select_related("stage")
    )
    codes = {f"{item.stage.code} {item.channel} {item.language}": item.vendor_template for item in templates}
    return {**mapping_of(version), "citizens read": own, "template codes": codes}


def _flat(value: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """Return place → text for every leaf; items of lists are placed by their own name."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _flat(inner, f"{place} › {key}" if place else str(key))
    elif isinstance(value, list) and all(isinstance(item, dict) for item in value):
        for number, item in enumerate(value):
            yield from _flat(item, f"{place} › {_name(item, number)}")
    elif isinstance(value, list):
        yield place, ", ".join(map(str, value))
    else:
        yield place, str(value)


def _name(item: dict[str, Any], number: int) -> str:
    if "channels" in item:
        return f"{item['channels'][0]} {item['language']}"
    return str(item.get("name") if isinstance(item.get("name"), str) else item.get("code", number))


def _marked(old: str, new: str) -> tuple[SafeString, SafeString]:
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
