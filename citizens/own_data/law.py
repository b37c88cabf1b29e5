"""LAW: state what stays after an erasure, why, and for how long. The job, the pages and the documents read it here.

Sources: law.go.kr; what is not settled there is a setting (docs/privacy.md).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

PAYMENTS, CONSENTS = "payments", "consents"


@dataclass(frozen=True, slots=True)
class Kept:
    """`what`, the law's articles, and the setting with the days."""

    what: Promise
    law: Promise
    days: str

    def until(self, begins: date) -> date:
        """Return the last day on which it is kept."""
        return begins + timedelta(days=settings.KEPT_DAYS[self.days])


KEPT: Mapping[str, Kept] = {
    PAYMENTS: Kept(
        what=_("Payments and refunds with their receipts: amount, day, payment service, the agency's number"),
        law=_("Electronic Financial Transactions Act (전자금융거래법), article 22"),
        days="erased_payments",
    ),
    CONSENTS: Kept(
        what=_("When which consent was given and withdrawn, without your name or number"),
        law=_("Proof that your data was handled lawfully (개인정보 보호법 §39; 민법 §766)"),
        days="erased_consents",
    ),
}
# The trail of who saw and did what has no name and no number of the person, only the number of a row without content,
# and what staff stated as a reason. Its lines end one by one, each two years after it was written
# (secretary/ops/retention.py): the last of them so long after the erasure. Those about payments stay with these.
TRAIL = Kept(
    what=_("Which account of staff did what, when and why, under a number by which you cannot be found"),
    law=_("Standard for securing personal data (개인정보의 안전성 확보조치 기준), article 8: 2 years or more"),
    days="audit",
)
