from django.db import models
from django.utils.translation import gettext_lazy as _

from secretary.kernel.row_titles import row_title


class FamilyNumber(models.Model):
    """How often a number was asked as a family member's, and whether its owner wants to hear nothing of any senior.

    Only keyed hashes, which lead to no person: that of the number is compared with a number that is named, that of the
    code by which they declined with a code that is entered to take it back, and nothing else. A number that was
    declined stays; others go when their month is over.
    """

    phone_hash = models.BinaryField(max_length=32, unique=True, editable=False)
    since = models.DateTimeField(_("counted since"))
    questions = models.SmallIntegerField(_("questions"), default=0)
    declined_at = models.DateTimeField(_("declined"), null=True)
    code_hash = models.BinaryField(max_length=32, null=True, unique=True, editable=False)  # of those who declined

    class Meta:
        verbose_name, verbose_name_plural = _("number of a family member"), _("numbers of family members")

    def __str__(self) -> str:
        return row_title(self)
