"""How PostgreSQL goes about our long statements: the shapes of their plans, and never through a huge table.

Shapes, not costs: which node reads which table by which index. Those on record are in tests/plans.txt. After a change
that is meant: `RENEW_PLANS=1 ./test tests/test_plans.py`, and look at the difference before it is committed.
"""

import os
from collections.abc import Iterator
from datetime import date, datetime, time
from difflib import unified_diff
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import pytest

from citizens.calendar import days_ahead
from citizens.inbox import last_checked, notice_view, notices
from citizens.office_calls import call_list, inform_families
from citizens.templatetags import unread
from citizens.verify import check_notice
from notifications.agencies import figures
from notifications.delivery import breaker, bundle, claim, outcomes, poll_gateways, providers
from notifications.intake import push, upsert
from notifications.matching import make_again, mark_paid, match_statements, notify_former
from notifications.operations import count_ended, free_waiting, mend_queue, strangers, sweep, watch_reach
from notifications.own_data import sent_texts
from notifications.reach import notices as reach_notices
from notifications.reach import office
from notifications.receipts import receipts
from notifications.states import NOTIFIED
from notifications.yearly import poll_yearly, send_yearly, yearly_outcomes, yearly_run
from payments.bills import debts_today, follow_records
from secretary.kernel.database.prepared import Prepared
from secretary.kernel.time.clock import KST
from tests.plugin import ROOT
from tests.support import plans

ON_RECORD = Path(__file__).parent / "plans.txt"
CHANNELS = ["sms", "kakaotalk", "naver", "toss"]
TODAY = date(2026, 4, 1)
PEOPLE = [UUID(int=number) for number in range(1, 6)]
VALUES: dict[str, Any] = {
    "now": datetime(2026, 4, 1, 9, tzinfo=KST),
    "today": TODAY,
    "grace": 2,
    "day_starts": time(9),
    "day_ends": time(20),
    "notified": list(NOTIFIED),
    "unnotified": False,
    "agency": 1,
    "batch": 1,
    "batches": [996, 997],
    "citizens": PEOPLE,
    "codes": ["stage-6"] * 5,
    "days": [TODAY] * 5,
    "records": [1, 2, 3, 4, 5],
    "record": 1,
    "subscriptions": list(range(1, 21)),
    "stage": 7,
    "data_type": 1,
    "left_out": False,
    "many": 2000,
    "offset": -3,
    "notices": list(range(39_000, 39_100)),
    "channels": CHANNELS,
    "kinds": ["phone", "phone", "phone", "toss_user_key"],
    "templated": [False, True, True, True],
    "gateways": ["twilio", "nhn", "solapi", "toss"],
    "calm_at": time(10),
    "calm_gather": 300.0,
    "calm_days_left": 7,
    "crashes": 0,
    "deliveries": [39_000, 39_001],
    "lease": 60.0,
    "batch_key": "key",
    "limit": 500,
    "most": 100,
    "wait": 60.0,
    "after": 0,
    "size": 2000,
    "span": 20_000,
    "hour": 7,
    "feed": 1,
    "runs": 1000,
    "numbered": True,
    "urgent_only": False,
    "time": "-infinity",
    "notice": 0,
    "receipt_wait": 600.0,
    "hours": 72,
    "mute": ["toss"],
    "changed": [1],
}
OF_OUTCOMES = {
    "ids": [1, 2], "states": ["delivered"] * 2, "codes": [""] * 2, "vendor_ids": [""] * 2, "waits": [0.0] * 2,
    "marks": [0] * 2, "reporters": ["sms"] * 2, "gateways": ["twilio"] * 2, "unfit": ["unfit"],
    "held_back": ["held"], "unknown_wait": 60.0,
    "retry_base": 60.0,
    "retry_most": 3600.0,
}  # fmt: skip
OF_AN_ALLOWANCE = {
    "gateway": "twilio", "wanted": 500, "rate": 50, "cap": 1000, "burst": 2.0, "probed": 20, "probe": 5, "today": TODAY,
}  # fmt: skip
OF_A_FIGURE = {
    "first": 30_000,
    "last": 39_000,
    "day": date(2026, 3, 2),
    "data_type": 1,
    "outcome": "in_time",
    "way": None,
}
OF_AN_OFFICE = {
    "office": 1, "code": "vaccination", "data_type": 1, "citizen": None, "before": None, "no_answers": 5, "way": None,
    "outcome": "in_time", **dict.fromkeys(("first", "after", "made_after", "made_by"), VALUES["now"]),
}  # fmt: skip
OF_TROUBLE = {
    "channel": "sms", "gateway": "", "templates": [1, 2], "messages": [5, 5], "bad": [True, False], "well_ones": 1,
    "bad_ones": 1, "times": 3, "rounds": 3, "least": 5, "hours": 3,
}  # fmt: skip
OF_A_PUSH = {"run": 1, "most": 100, "small": 1000}
OF_RECEIPTS = {
    "gateway": "nhn", "applied": True, "events": ["a", "b"], "deliveries": [1, 2], "verdicts": ["delivered"] * 2,
    "codes": [""] * 2, "vendor_ids": [""] * 2, "happened": [None, None],
}  # fmt: skip
OF_A_READER = {
    "citizen": PEOPLE[0], "notice": 39_000, "before": 2**62, "kind": "", "most": 21, "counted": 10,
    "never_out": ["ready", "cancelled", "too_late"], "seen": ["traffic_fine"],
}  # fmt: skip
OF_DEBTS = {"citizen": PEOPLE[0], "records": list(range(39_000, 39_020)), "today": TODAY}
OF_A_CODE = {
    "notice": 39_000, "trials": 1 << 39, "yearly": 3 << 38, "short": False, "overlap": "1 day", "app": "notifications",
    "migration": "0027",
}  # fmt: skip
OF_A_YEAR = {
    "year": 2026, "before": VALUES["now"], "most": 500, "batch_key": "k", "lease": 60, "calm_behind": 600,
    "unknown_wait": 60, "give_up": 72, "receipt_wait": 60, "retry": 3600, "mute": [], "held_back": ["provider-dark"],
    "ids": [1, 2], "attempts": [1, 1], "states": ["sent"] * 2, "codes": [""] * 2, "vendor_ids": [""] * 2,
    "waits": [0, 0], "gateways": [""] * 2, "reporters": [""] * 2, "calm_turns": 3, "unreached": 604_800,
}  # fmt: skip


class Statement(NamedTuple):
    text: str | Prepared
    values: dict[str, Any] = {}
    after: str = ""


# All that stand in files, by the name of the file and, where it is filled in several times, of what; and the short ones
# that run as often.
STATEMENTS: dict[str, Statement] = {
    "claim": Statement(claim.CLAIM),
    "claim of calm mode": Statement(claim.CLAIM_CALM),
    "apply_outcomes": Statement(outcomes.APPLY, OF_OUTCOMES),
    "apply_outcomes: any": Statement(outcomes.APPLY_ANY, OF_OUTCOMES),
    "apply_arrived": Statement(receipts.ARRIVED, OF_OUTCOMES | {"channel": "sms", "gateway": "twilio"}),
    "match: batches": Statement(match_statements.INSERT_OF_BATCHES),
    "match: new batches": Statement(match_statements.INSERT_OF_NEW_BATCHES),
    "match: many records": Statement(match_statements.INSERT_OF_NEW_BATCHES, {"batches": list(range(850, 1000))}),
    "match: subscriptions": Statement(match_statements.INSERT_OF_SUBSCRIPTIONS),
    "match: a record": Statement(match_statements.INSERT_OF_A_RECORD, after=match_statements.IN_THIS_ORDER),
    "match: a push": Statement(match_statements.INSERT_OF_A_RUN, after=match_statements.IN_THIS_ORDER),
    "match: reminders": Statement(match_statements.INSERT_REMINDERS),
    **{
        f"match: a stage on date {slot} by {key}": Statement(sql)
        for (slot, key), sql in match_statements.INSERT_OF_A_STAGE.items()
    },
    "poll_status": Statement(poll_gateways.CLAIM),
    "take_allowance": Statement(providers.TAKE, OF_AN_ALLOWANCE),
    "template_trouble": Statement(breaker.TROUBLED, OF_TROUBLE),
    "upsert_records: numbered": Statement(upsert.UPSERT[True]),
    "upsert_records: not numbered": Statement(upsert.UPSERT[False]),
    "refused_lines": Statement(upsert.REFUSED_LINES),
    "dry_page: numbered": Statement(upsert.DRY_PAGE[True]),
    "dry_page: not numbered": Statement(upsert.DRY_PAGE[False]),
    "list_yearly": Statement(yearly_run.LIST, OF_A_YEAR),
    "claim_yearly": Statement(send_yearly.CLAIM, OF_A_YEAR),
    "poll_yearly": Statement(poll_yearly.DUE, OF_A_YEAR),
    "apply_yearly": Statement(yearly_outcomes.APPLY, OF_A_YEAR | {"most": 5}),
    "unreached_people": Statement(watch_reach.LOOK),
    "count_deliveries": Statement(count_ended.DELIVERIES),
    "count_reach": Statement(count_ended.REACH),
    "office_reach: figures": Statement(office.FIGURES, OF_AN_OFFICE),
    "office_reach: people": Statement(office.PEOPLE, OF_AN_OFFICE),
    "call_list": Statement(call_list.LIST, OF_AN_OFFICE),
    "family_due": Statement(inform_families.DUE, OF_AN_OFFICE | {"after": 0}),
    "reach_notices": Statement(reach_notices.PART, OF_A_FIGURE),
    "batch_figures": Statement(figures.COUNT),
    "free_waiting": Statement(free_waiting.FREE, values={"rerouted": ["kakaotalk"], "share": 100}),
    "free_bundles": Statement(free_waiting.FREE_BUNDLES, values={"rerouted": ["kakaotalk"], "share": 100}),
    "pick_bundles": Statement(claim.PICK_BUNDLES),
    "bundle_lines: notices": Statement(bundle.LINES_OF_NOTICES),
    "bundle_lines: carriers": Statement(bundle.LINES_OF_CARRIERS),
    "release_held": Statement(match_statements.RELEASE_HELD),
    "restore_queue": Statement(mend_queue.LOST),
    "expired_leases": Statement(sweep.EXPIRED),
    "settle_blocks": Statement(sweep.SETTLE),
    "settle_handed_over": Statement(sweep.SETTLE_HANDED_OVER, after=sweep.IN_ORDER_OF_DELIVERIES),
    "feed_strangers": Statement(strangers.NEWEST, {"records": 3000}),
    "release_news": Statement(make_again.RELEASE_NEWS),
    "release_reminders": Statement(make_again.RELEASE_REMINDERS),
    "notify_former: batches": Statement(notify_former.NOTIFY_FORMER),
    "notify_former: released": Statement(notify_former.NOTIFY_AGAIN),
    "release_moved: intake": Statement(notify_former.RELEASE_AT_INTAKE),
    "release_moved: matching": Statement(notify_former.RELEASE_AT_MATCH),
    "store_receipts": Statement(receipts.STORE, OF_RECEIPTS),
    "bills_behind": Statement(follow_records.BEHIND),
    "debts_today": Statement(debts_today.TODAY, OF_DEBTS),
    "checked_notice": Statement(check_notice.NOTICE, OF_A_CODE),
    "inbox: all": Statement(notices.PAGE, OF_A_READER),
    "inbox: of a kind": Statement(notices.PAGE_OF_A_KIND, OF_A_READER),
    "inbox: may be to do": Statement(notices.PAGE_TO_DO, OF_A_READER),
    "notice": Statement(notice_view.NOTICE, OF_A_READER),
    "sent_texts": Statement(sent_texts.ATTEMPTS),
    "short: notices that are new to a person": Statement(unread.COUNT, OF_A_READER),
    "short: when agencies were last heard": Statement(last_checked.HEARD, OF_A_READER),
    "short: the next reminders of a person": Statement(last_checked.NEXT, OF_A_READER),
    "short: kinds that a person has": Statement(last_checked.KINDS, OF_A_READER),
    "days_ahead": Statement(days_ahead.OPEN_RECORDS, {"citizen": PEOPLE[0], "since": TODAY, "with_notice": True}),
    "short: fresh places of the queue": Statement(claim.FRESH),
    "short: places that lost a worker": Statement(claim.RETRY_CANDIDATES),
    "short: what waits": Statement(sweep.WAITING),
    "short: the batch of a push": Statement(match_statements.UNMATCHED_OF_A_RUN, OF_A_PUSH),
    "short: whether a push may be urgent": Statement(push.LOOK, OF_A_PUSH),
    "short: what is due of a push": Statement(push.DUE, OF_A_PUSH),
    "short: stages that are due": Statement(match_statements.DUE_STAGES),
    "short: put off for a receipt": Statement(poll_gateways.PUT_OFF),
    "short: give up on silence": Statement(poll_gateways.GIVE_UP),
    "short: take receipts": Statement(receipts.TAKE),
    "short: unnotified of subscriptions": Statement(make_again.WITH_UNNOTIFIED),
    "short: tried afresh": Statement(make_again.AFRESH),
    "short: forget the former notices": Statement(notify_former.FORGET),
    "short: former subjects without a stage": Statement(notify_former.UNSAID),
    "short: stop what is settled": Statement(mark_paid.STOP),
}


@pytest.fixture(scope="module")
def database(django_db_setup: None, django_db_blocker: Any) -> Iterator[Any]:
    with django_db_blocker.unblock(), plans.filled_copy() as cursor:
        cursor.execute(upsert.STAGING)
        yield cursor


def explained(database: Any) -> dict[str, Any]:
    return {
        name: plans.plan(database, statement.text, VALUES | statement.values, after=statement.after)
        for name, statement in STATEMENTS.items()
    }


def written(shapes: dict[str, list[str]]) -> str:
    return "\n".join("\n".join([f"# {name}", *lines, ""]) for name, lines in sorted(shapes.items()))


def test_every_statement_in_a_file_is_looked_at() -> None:
    named = {name.partition(":")[0] for name in STATEMENTS}
    assert {path.stem for path in ROOT.glob("*/sql/*.sql")} <= named


def test_none_reads_records_notices_or_deliveries_through(database: Any) -> None:
    assert {name: tables for name, top in explained(database).items() if (tables := plans.read_through(top))} == {}


@pytest.mark.parametrize(
    ("index", "table", "statement"),
    [
        ("record_ci", "notifications_record", "match: subscriptions"),
        ("notice_of_citizen", "notifications_notice", "release_news"),
    ],
)
def test_it_would_be_seen_if_an_index_were_gone(database: Any, index: str, table: str, statement: str) -> None:
    database.execute(f"BEGIN; DROP INDEX {index}")
    try:
        assert table in plans.read_through(explained(database)[statement])
    finally:
        database.execute("ROLLBACK")


def test_the_plans_have_the_shapes_on_record(database: Any) -> None:
    now = written({name: plans.shape(top) for name, top in explained(database).items()})
    if os.environ.get("RENEW_PLANS"):
        ON_RECORD.write_text(now, encoding="utf-8")
    before = ON_RECORD.read_text(encoding="utf-8")
    change = "\n".join(unified_diff(before.splitlines(), now.splitlines(), "on record", "now", lineterm=""))
    assert not change, f"{change}\nMeant? RENEW_PLANS=1 ./test tests/test_plans.py"
