import pghistory
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


@pghistory.track()
class Office(models.Model):
    """읍·면·동: a local office whose officials register people who cannot sign up on the web."""

    code = models.CharField(_("administrative code (행정동코드)"), max_length=10, unique=True)
    name_ko = models.CharField(_("name (Korean)"), max_length=60)
    name_en = models.CharField(_("name (English)"), max_length=100)

    class Meta:
        ordering = ["code"]
        verbose_name, verbose_name_plural = _("office"), _("offices")

    def __str__(self) -> str:
        return self.name_ko


@pghistory.track()
class Official(models.Model):
    """A public official of one office, with an account of their own.

    `manager`: the office manager, who decides who works at the office, sees what is done there and registers no senior.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="official", verbose_name=_("account")
    )
    office = models.ForeignKey(Office, models.PROTECT, related_name="officials", verbose_name=_("office"))
    active = models.BooleanField(_("active"), default=True)
    manager = models.BooleanField(_("office manager"), default=False, db_default=False)

    class Meta:
        verbose_name, verbose_name_plural = _("official"), _("officials")

    def __str__(self) -> str:
        return f"{self.user.get_username()} ({self.office})"


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
