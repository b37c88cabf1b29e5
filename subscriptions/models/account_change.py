from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class AccountChange(models.Model):
    """A creation of an account, or a change of its password, rights or second factor, with the acting account.

    These rows decide whether an account may approve: by the time of the last one, and by the accounts that made them.
    """

    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="changes", verbose_name=_("account")
    )
    # No foreign key: the row must outlive the acting account.
    by_id = models.IntegerField(_("by account"), null=True, blank=True)  # None: a command
    what = models.CharField(_("action"), max_length=100)
    at = models.DateTimeField(_("event time"))

    class Meta:
        ordering = ["-id"]
        verbose_name, verbose_name_plural = _("change of an account"), _("changes of accounts")
        indexes = [models.Index(fields=["account", "at"], name="account_change_at")]

    def __str__(self) -> str:
        return f"user:{self.account_id} {self.what}"
