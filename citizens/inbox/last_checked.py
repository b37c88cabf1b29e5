"""Say of each kind that a person has subscribed to when its agency was last heard, and what comes next; or which kinds
those are, for pages that say no more of them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection

from citizens.inbox.kinds import kind_of
from notifications.matching.stage_dates import ANCHOR
from notifications.models import FeedRun
from secretary.kernel.database.prepared import planned
from secretary.kernel.korean.korean import Language
from secretary.kernel.time.clock import kst_date
from subscriptions.models import Citizen

# Of each kind: its code, the version that names it, whether they want it now, and whether they have a notice of it.
KIND = """dt.code, coalesce(dt.live_version_id, (SELECT max(v.id) FROM subscriptions_datatypeversion v
        WHERE v.data_type_id = dt.id)),
    bool_or(s.ended_at IS NULL), dt.code = ANY(%(seen)s) OR EXISTS (
        SELECT 1 FROM notifications_notice n
        WHERE n.citizen_id = %(citizen)s AND n.stage_id = ANY(ARRAY(
            SELECT st.id FROM subscriptions_stage st JOIN subscriptions_datatypeversion v ON v.id = st.version_id
            WHERE v.data_type_id = dt.id)))"""
OF_PERSON = "WHERE s.citizen_id = %(citizen)s GROUP BY dt.id ORDER BY dt.position, dt.code"
KINDS = planned(f"""
SELECT {KIND}
FROM subscriptions_subscription s JOIN subscriptions_datatype dt ON dt.id = s.data_type_id
{OF_PERSON}
""")  # noqa: S608  (constants)
# The agency's own way in counts, whichever brought something: a pull that found nothing has been a check too.
HEARD = planned(f"""
SELECT {KIND}, max(newest.finished_at)
FROM subscriptions_subscription s
JOIN subscriptions_datatype dt ON dt.id = s.data_type_id
LEFT JOIN notifications_feed f ON f.agency_id = dt.agency_id
LEFT JOIN LATERAL (
    SELECT coalesce(run.finished_at, run.started_at) AS finished_at FROM notifications_feedrun run
    WHERE run.feed_id = f.id AND run.state = '{FeedRun.FINISHED}' AND NOT run.dry_run
    ORDER BY run.started_at DESC LIMIT 1
) newest ON true
{OF_PERSON}
""")  # noqa: S608  (constants)
COLUMNS = "r.id, r.data_type_id, r.state, r.date_1, r.date_2, r.date_3, r.date_4"
# The nearest reminder that the person's open records imply. From the keys to the records: a few short look-ups.
NEXT = planned(f"""
SELECT DISTINCT ON (dt.code) dt.code, coming.day, st.label_ko, st.label_en
FROM (
    SELECT {COLUMNS} FROM subscriptions_citizenkey k JOIN notifications_record r ON r.ci_hash = k.key_hash
    WHERE k.citizen_id = %(citizen)s
    UNION ALL
    SELECT {COLUMNS} FROM subscriptions_citizenkey k JOIN notifications_record r ON r.person_hash = k.key_hash
    WHERE k.citizen_id = %(citizen)s
) r
JOIN subscriptions_datatype dt ON dt.id = r.data_type_id
JOIN subscriptions_stage st ON st.version_id = dt.live_version_id AND st.trigger = 'date' AND NOT st.told_only
CROSS JOIN LATERAL (SELECT {ANCHOR} + st.offset_days AS day) coming
WHERE r.state = ANY(st.states) AND r.state = 'open' AND coming.day > %(today)s
ORDER BY dt.code, coming.day, st.id
""")  # noqa: S608  (constants)


@dataclass(frozen=True, slots=True)
class Subscribed:
    """One kind. `is_wanted`: False where they had subscribed to it once, so that notices of it are kept."""

    code: str
    is_wanted: bool
    has_notices: bool
    title: str


@dataclass(frozen=True, slots=True)
class Checked(Subscribed):
    """One kind. `at`: when its agency was last heard; None: not yet. `next_on`: the day of the next reminder that is
    known now; None: no open record implies one."""

    agency: str
    at: datetime | None
    next_on: date | None
    next_stage: str


def subscribed(*, citizen: Citizen, language: Language, seen: Collection[str] = ()) -> list[Subscribed]:
    """Return the kinds in the order in which they are offered. One short statement. `seen`: codes of kinds of which
    they are known to have notices; of others it is looked for."""
    with connection.cursor() as cursor:
        cursor.execute(KINDS, {"citizen": citizen.pk, "seen": list(seen)})
        found = cursor.fetchall()
    return [Subscribed(code, wanted, some, kind_of(version).title(language)) for code, version, wanted, some in found]


def last_checked(*, citizen: Citizen, language: Language, now: datetime, seen: Collection[str] = ()) -> list[Checked]:
    """Return the same kinds, with what is known of each. Two statements, one of which looks at all of their records."""
    with connection.cursor() as cursor:
        cursor.execute(HEARD, {"citizen": citizen.pk, "seen": list(seen)})
        heard = cursor.fetchall()
        cursor.execute(NEXT, {"citizen": citizen.pk, "today": kst_date(now)})
        coming = {code: (day, ko, en) for code, day, ko, en in cursor.fetchall()}
    found = []
    for code, version_id, is_wanted, has_notices, at in heard:
        kind = kind_of(version_id)
        day, ko, en = coming.get(code, (None, "", ""))
        stage, named = en if language == "en" else ko, (kind.title(language), kind.agency.of(language))
        found.append(Checked(code, is_wanted, has_notices, *named, at, day, stage))
    return found
