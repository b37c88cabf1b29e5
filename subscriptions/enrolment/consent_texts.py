"""Find the consent texts that a choice of data types needs, in the versions in force, and make new versions."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Max

from secretary.kernel.database.kept_queries import KeptQuery
from subscriptions.models import ConsentText, DataType

SERVICE = "service"  # the handling of name and phone, without which no other consent is possible

OFFICE_CALL = "office_call"  # the office may call a senior whom an urgent notice did not reach; never required
FAMILY = "family"  # of the senior: a family member hears that there is something to ask about; never required
FAMILY_MEMBER = "family_member"  # of the family member, who is another person and agrees themselves


NOT_LOADED = "no consent text for the service: run `manage.py load_catalogue`"


class ServiceConsentMissing(LookupError):
    """The catalogue was never loaded: there is no consent text."""


class NotOffered(ValueError):
    """A data type that is unknown or not live; the message lists the codes."""


LIVE = KeptQuery(lambda codes: DataType.objects.live().filter(code__in=codes))
NEWEST = KeptQuery(lambda code: ConsentText.objects.filter(code=code).order_by("-number")[:1])


def service_text() -> ConsentText:
    text: ConsentText | None = NEWEST.first(code=SERVICE)
    if text is None:
        raise ServiceConsentMissing(NOT_LOADED)
    return text


def office_call_text() -> ConsentText | None:
    """Return the text in force; None where the catalogue was not loaded since there is one."""
    return _newest(OFFICE_CALL)


def family_text() -> ConsentText | None:
    """Return what a senior agrees to who names a family member; None in the same case."""
    return _newest(FAMILY)


def family_member_text() -> ConsentText | None:
    """Return what the family member agrees to; None in the same case."""
    return _newest(FAMILY_MEMBER)


def _newest(code: str) -> ConsentText | None:
    text: ConsentText | None = NEWEST.first(code=code)
    return text


def live_data_types(codes: Iterable[str]) -> list[DataType]:
    """Return the live data types of those codes, in the order in which they are shown. Raises NotOffered."""
    wanted = set(codes)
    found = LIVE.rows(codes=wanted)
    if missing := wanted - {data_type.code for data_type in found}:
        raise NotOffered(", ".join(sorted(missing)))
    return found


def text_of(data_type: DataType) -> ConsentText:
    """Return the text in force of a live data type."""
    if data_type.live_version is None:
        raise NotOffered(data_type.code)
    return data_type.live_version.consent_text


def texts_for(data_types: Sequence[DataType]) -> list[ConsentText]:
    """Return the texts that need consent: the service's first, then one for each data type."""
    return [service_text(), *(text_of(data_type) for data_type in data_types)]


def new_text(code: str, content: Mapping[str, Any]) -> ConsentText:
    """Make the next version of a text from `content` (columns of the row). Joins the caller's transaction."""
    last = ConsentText.objects.filter(code=code).aggregate(last=Max("number"))["last"] or 0
    digest = hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
    return ConsentText.objects.create(code=code, number=last + 1, digest=digest, **content)


def newest_or_new(code: str, content: Mapping[str, Any]) -> ConsentText:
    """Return the newest text where it is the same (earlier consents stay valid), else a new one."""
    newest = ConsentText.objects.select_for_update().filter(code=code).order_by("-number").first()
    return newest if newest is not None and says(newest, content) else new_text(code, content)


def says(text: ConsentText, content: Mapping[str, Any]) -> bool:
    """Return whether the text has exactly this content."""
    return all(getattr(text, name) == value for name, value in content.items())
