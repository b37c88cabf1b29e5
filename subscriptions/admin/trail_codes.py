"""Say what the codes mean that stand in lines of the trail about people, registrations and data types."""

from collections.abc import Mapping
from typing import Any, Final

from django.db.models import CharField, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from secretary.kernel.audit.code_names import name_codes, name_rows
from subscriptions.admin.attempt import LIMITED
from subscriptions.models import Agency, DataType, DataTypeVersion
from subscriptions.models.consent import OF_THE_SERVICE
from subscriptions.models.family.family_member import STATES as MEMBER_STATES
from subscriptions.models.family.family_text import STATES as TEXT_STATES

WRITTEN: Final[Mapping[str, Any]] = {
    "phone": _("mobile number"),
    "another person has proved that the number is theirs": _("another person has proved that the number is theirs"),
    "already registered": _("the person is registered already"),
    "alike": _("an entry of the office is like it"),
    "number of another person": _("the number is another person's by proof"),
    "too young": _("too young for registration by an office"),
    **OF_THE_SERVICE,
}


def _names_of_rows() -> Mapping[str, Any]:
    """Return the names of data types and agencies by their codes."""
    language = "en" if get_language() == "en" else "ko"
    newest = DataTypeVersion.objects.filter(data_type=OuterRef("pk")).order_by("-number")
    name = Coalesce(f"live_version__name_{language}", Subquery(newest.values(f"name_{language}")[:1]), "code")
    kinds = DataType.objects.annotate(named=Coalesce(name, "code", output_field=CharField()))
    return {
        **dict(Agency.objects.values_list("code", f"name_{language}")),
        **dict(kinds.values_list("code", "named")),
    }


name_codes({**TEXT_STATES, **MEMBER_STATES, **LIMITED, **WRITTEN})
name_rows(_names_of_rows)
