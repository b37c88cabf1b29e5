"""Keep what pages need of each version of a data type. A version never changes once it is live."""

from dataclasses import dataclass
from functools import lru_cache

from secretary.kernel.korean.korean import Language
from subscriptions.models import DataTypeVersion
from subscriptions.specs import DATED_TYPES, FieldSpec, Words, fields_from_json

MOST_VERSIONS = 512
TELLING = ("text", "choice", "datetime")  # types of fields by which a person tells two records apart


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of notice as its citizens read of it."""

    code: str
    name: Words
    agency: Words
    agency_phone: str
    sensitive: bool  # 민감정보: nothing of a record is shown but on the page of its own
    payable: str  # the tariff; "" where nothing is paid
    fields: tuple[FieldSpec, ...]
    telling: tuple[FieldSpec, ...]  # the public ones by which two records are told apart
    dated: tuple[FieldSpec, ...]  # those with a day that stages hang on
    private: frozenset[str]  # names of fields that no message has

    def title(self, language: Language) -> str:
        return self.name.of(language)

    def hides(self, field: str) -> bool:
        """Return whether a calendar, which a locked phone shows, says no hour of this day: of a private field, or of
        any day of a sensitive kind."""
        return self.sensitive or field in self.private


@lru_cache(maxsize=MOST_VERSIONS)
def kind_of(version_id: int) -> Kind:
    """Return the kind, from the database once per process. Raises DataTypeVersion.DoesNotExist."""
    version = DataTypeVersion.objects.select_related("data_type__agency").get(pk=version_id)
    agency, fields = version.data_type.agency, fields_from_json(version.fields)
    return Kind(
        code=version.data_type.code,
        name=Words(version.name_ko, version.name_en),
        agency=Words(version.agency_name_ko or agency.name_ko, version.agency_name_en or agency.name_en),
        agency_phone=version.agency_phone or agency.phone,
        sensitive=version.sensitive,
        payable=version.data_type.payable,
        fields=fields,
        telling=tuple(item for item in fields if not item.private and item.type in TELLING and item.date_slot is None),
        dated=tuple(item for item in fields if item.date_slot is not None and item.type in DATED_TYPES),
        private=frozenset(item.name for item in fields if item.private),
    )
