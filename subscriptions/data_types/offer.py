"""Keep the kinds that are offered from page to page: they hardly ever change, and composing them took most of the CPU
of a page that shows them.

Each page asks whether they are still the same, by one statement: MARK names the version of each row that is kept (where
it lies, and the transaction that wrote it), so that any change of one is another mark.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from secretary.kernel.database.kept_queries import KeptText
from secretary.kernel.database.sql import sql_list
from subscriptions.models import DataType
from subscriptions.models.data_type import OF_THE_SERVICE

MARK = KeptText(f"""
SELECT string_agg(concat_ws(' ', d.ctid, d.xmin, v.ctid, v.xmin, c.ctid, c.xmin, a.ctid, a.xmin), ',' ORDER BY d.id)
FROM subscriptions_datatype d
JOIN subscriptions_datatypeversion v ON v.id = d.live_version_id
JOIN subscriptions_consenttext c ON c.id = v.consent_text_id
JOIN subscriptions_agency a ON a.id = d.agency_id
WHERE d.code NOT IN {sql_list(OF_THE_SERVICE)}
""")  # noqa: S608  (constants)


class Offer(NamedTuple):
    """The kinds that a citizen can subscribe to, in the order in which they are shown. Shared: never change them."""

    mark: str
    kinds: tuple[DataType, ...]


_kept = Offer("", ())


def offer(marks: Sequence[Sequence[Any]] | None = None) -> Offer:
    """Return the kinds with agency, live version and consent text; without the fields of records. `marks`: the row of
    MARK, where it was read together with something else."""
    global _kept
    [[found]] = MARK.rows() if marks is None else marks
    mark, kept = str(found or ""), _kept
    if kept.mark != mark:
        kept = _kept = Offer(mark, tuple(DataType.objects.live().defer("live_version__fields")))
    return kept
