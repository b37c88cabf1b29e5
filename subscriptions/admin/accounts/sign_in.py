"""Show who has a second factor, a session and an invitation, but none of their secrets. Owners set up their own second
factor; it is reset on the page of the account."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from secretary.kernel.backoffice import ReadOnlyAdmin
from subscriptions.models import Authenticator, GivenPassword, Invitation, RecoveryCode, StaffSession


class OfAnAccount(ReadOnlyAdmin):
    """One row of one account: its page shows what its line in the list shows."""

    list_select_related = ["user"]
    search_fields = ["user__username"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return list(self.list_display)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Without the library's own help, which is in English."""
        helps = {field.name: "" for field in self.opts.concrete_fields}
        return super().get_form(request, obj, change=change, **{"help_texts": helps, **kwargs})


@admin.register(Authenticator)
class AuthenticatorAdmin(OfAnAccount):
    list_display = ["user", "created_at", "last_used_at"]


@admin.register(RecoveryCode)
class RecoveryCodeAdmin(OfAnAccount):
    list_display = ["user", "used_at"]


@admin.register(StaffSession)
class StaffSessionAdmin(OfAnAccount):
    list_display = ["user", "since"]


@admin.register(Invitation)
class InvitationAdmin(OfAnAccount):
    list_display = ["user", "expires_at"]


@admin.register(GivenPassword)
class GivenPasswordAdmin(OfAnAccount):
    """Accounts whose owners have yet to choose their own password."""

    list_display = ["user", "since"]
