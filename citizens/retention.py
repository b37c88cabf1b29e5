"""Define how long copies of people's data are kept. See secretary/kernel/retention.py."""

from citizens.models import DataExport, OfficeCall
from secretary.kernel.retention import Keep, fixed

KEPT = (
    Keep(
        what="copies of their data that people asked for",
        table=DataExport._meta.db_table,
        age="expires_at",
        age_is_indexed=True,
        period=fixed(days=0),
        why="개인정보 보호법 §21: the person has had the time to fetch it (`OWN_DATA_EXPORT_HOURS`)",
    ),
    Keep(
        what="calls of offices to people who were not reached",
        table=OfficeCall._meta.db_table,
        age="t.called_at",
        period=fixed(days=365),
        why="the consent to them promises a year",
    ),
)
