from django.db import models
from django.utils.translation import gettext_lazy as _

from secretary.kernel.row_titles import row_title


class TossLink(models.Model):
    """A signed-in person waits for their login in the mini-app of Toss, to be reached there.

    One row for each person; the next attempt replaces it. The code is on their page and is typed, or carried by a
    link, into the mini-app; only its hash is here.
    """

    WAITING, LINKED, ANOTHER_PERSON, REFUSED = "waiting", "linked", "another", "refused"

    citizen = models.OneToOneField(
        "Citizen", models.CASCADE, related_name="toss_link", primary_key=True, verbose_name=_("citizen")
    )
    code_hash = models.BinaryField(max_length=32, unique=True, editable=False)
    state = models.CharField(_("state"), max_length=8, default=WAITING)
    started_at = models.DateTimeField(_("started"))
    expires_at = models.DateTimeField(_("expires"))

    class Meta:
        verbose_name, verbose_name_plural = _("link to Toss"), _("links to Toss")
        indexes = [models.Index(fields=["started_at"], name="toss_link_started")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["waiting", "linked", "another", "refused"]), name="toss_link_state"
            ),
        ]

    def __str__(self) -> str:
        return row_title(self)
