"""Which consents a choice of data types asks for, in the versions that are in force now."""

from collections.abc import Iterable, Sequence

from subscriptions.models import ConsentText, DataType

SERVICE = "service"  # the handling of name and phone, which everything else rests on


class ServiceConsentMissing(LookupError):
    """The catalogue was never loaded: there is no text to agree to."""


class NotOffered(ValueError):
    """A data type that is unknown or not live; the message lists the codes."""


def service_text() -> ConsentText:
    text = ConsentText.objects.filter(code=SERVICE).order_by("-number").first()
    if text is None:
        raise ServiceConsentMissing("no consent text for the service: run `manage.py load_catalogue`")
    return text


def live_data_types(codes: Iterable[str]) -> list[DataType]:
    """Return the live data types of those codes, in the order in which they are shown. Raises NotOffered."""
    wanted = set(codes)
    found = list(DataType.objects.live().filter(code__in=wanted))
    if missing := wanted - {data_type.code for data_type in found}:
        raise NotOffered(", ".join(sorted(missing)))
    return found


def text_of(data_type: DataType) -> ConsentText:
    """Return the text in force of a live data type."""
    if data_type.live_version is None:
        raise NotOffered(data_type.code)
    return data_type.live_version.consent_text


def texts_for(data_types: Sequence[DataType]) -> list[ConsentText]:
    """Return what must be asked: the service first, then one for each data type."""
    return [service_text(), *(text_of(data_type) for data_type in data_types)]
