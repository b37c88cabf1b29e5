from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class AccountChange(models.Model):
    """That an account was made, or its password, rights or second factor were changed; and which account did it.

    Whether an account may approve hangs on these rows: how long ago the last was, and in whose hands the account was.
    """

    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="changes", verbose_name=_("account")
    )
    # No foreign key: that it was in these hands holds after that account is gone.
    by_id = models.IntegerField(_("by account"), null=True, blank=True)  # None: a command
    what = models.CharField(_("action"), max_length=100)
    at = models.DateTimeField(_("event time"))

    class Meta:
        ordering = ["-id"]
        verbose_name, verbose_name_plural = _("change of an account"), _("changes of accounts")
        indexes = [models.Index(fields=["account", "at"], name="account_change_at")]

    def __str__(self) -> str:
        return f"user:{self.account_id} {self.what}"
