"""Say in words what a right of the administration allows, and which rights its pages know."""

from collections.abc import Mapping
from typing import Any, Final

from django.contrib import admin
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

VERBS: Final[Mapping[str, Any]] = {
    "view": gettext_lazy("view"),
    "add": gettext_lazy("add"),
    "change": gettext_lazy("change"),
    "delete": gettext_lazy("delete"),
}
# Rights of their own, beside Django's four for each model.
OWN: Final[Mapping[str, Any]] = {
    "reveal_citizen": gettext_lazy("show personal data in clear, for a reason"),
    "help_caller": gettext_lazy("help callers (110)"),
    "approve_datatypeversion": gettext_lazy("approve data types as the second person"),
    "export_auditevent": gettext_lazy("export lines of the audit trail"),
}


def rights_of_pages() -> QuerySet[Permission]:
    """Return the rights to what the administration has pages of."""
    types = ContentType.objects.get_for_models(*admin.site._registry, for_concrete_models=False)
    found = Permission.objects.filter(content_type__in=types.values()).select_related("content_type")
    return found.order_by("content_type__app_label", "content_type__model", "codename")


def right_words(right: Permission) -> str:
    """Return what a right allows: "notices: view"."""
    verb, _underscore, _model = right.codename.partition("_")
    model = right.content_type.model_class()
    named = model._meta.verbose_name_plural if model else _("a model of an earlier release")
    return f"{named}: {OWN.get(right.codename) or VERBS.get(verb, verb)}"
