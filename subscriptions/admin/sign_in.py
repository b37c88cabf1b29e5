"""Show who has a second factor, a session and an invitation, but none of their secrets. Owners set up their own second
factor; it is reset on the page of the account."""

from django.contrib import admin

from secretary.kernel.backoffice import ReadOnlyAdmin
from subscriptions.models import Authenticator, GivenPassword, Invitation, RecoveryCode, StaffSession


@admin.register(Authenticator)
class AuthenticatorAdmin(ReadOnlyAdmin):
    list_display = ["user", "created_at", "last_used_at"]
    list_select_related = ["user"]
    fields = ["user", "created_at", "last_used_at"]
    search_fields = ["user__username"]


@admin.register(RecoveryCode)
class RecoveryCodeAdmin(ReadOnlyAdmin):
    list_display = ["user", "used_at"]
    list_select_related = ["user"]
    fields = ["user", "used_at"]
    search_fields = ["user__username"]


@admin.register(StaffSession)
class StaffSessionAdmin(ReadOnlyAdmin):
    list_display = ["user", "since"]
    list_select_related = ["user"]
    fields = ["user", "since"]
    search_fields = ["user__username"]


@admin.register(Invitation)
class InvitationAdmin(ReadOnlyAdmin):
    list_display = ["user", "expires_at"]
    list_select_related = ["user"]
    fields = ["user", "expires_at"]
    search_fields = ["user__username"]


@admin.register(GivenPassword)
class GivenPasswordAdmin(ReadOnlyAdmin):
    """Accounts whose owners have yet to choose their own password."""

    list_display = ["user", "since"]
    list_select_related = ["user"]
    fields = ["user", "since"]
