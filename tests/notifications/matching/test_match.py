from datetime import date, timedelta
from typing import Any

import pytest

from notifications.matching.match import match_batches, match_due, match_everything, match_subscriptions
from notifications.models import Notice
from tests.notifications.cast import MORNING, enrol, ingest, make_data_type, record, subscribe

pytestmark = pytest.mark.django_db


def causes() -> list[str]:
    return sorted(Notice.objects.values_list("cause", flat=True))


def notified(**where: str) -> None:
    """As if these notices had been sent."""
    Notice.objects.filter(**where).update(state="sending")


@pytest.fixture
def fine() -> Any:
    return make_data_type()


def test_only_the_subscriber_of_that_type_gets_a_notice(fine: Any) -> None:
    alice = enrol(1, fine)
    enrol(2)  # an outsider: registered, not subscribed
    ingest(record(1), record(2), record(3))
    match_batches(now=MORNING)
    notice = Notice.objects.get()
    assert (notice.citizen_id, notice.cause, notice.state) == (alice.id, "issued", "ready")


def test_matching_again_makes_nothing_new(fine: Any) -> None:
    enrol(1, fine)
    ingest(record(1))
    match_everything(now=MORNING)
    match_everything(now=MORNING)
    assert causes() == ["issued"]


def test_scanning_the_dates_again_uses_up_no_numbers(fine: Any) -> None:
    enrol(1, fine)
    ingest(*(record(1, fields={"due_on": "2026-04-02"}) for _ in range(5)))
    match_batches(now=MORNING)
    for _ in range(10):
        match_due(now=MORNING.replace(day=30))
    numbers = list(Notice.objects.order_by("pk").values_list("pk", flat=True))
    assert len(numbers) == 10 and numbers[-1] - numbers[0] == 9


def test_a_citizen_found_by_two_keys_gets_one_notice(fine: Any) -> None:
    enrol(1, fine)
    subject = {**record(1)["subject"], "name": "홍길동", "birth_date": "1960-01-02", "phone": "010-0000-0001"}
    ingest(record(1, subject=subject))
    match_batches(now=MORNING)
    assert causes() == ["issued"]


def test_a_date_stage_fires_on_its_day_and_is_made_up_once_the_day_after(fine: Any) -> None:
    enrol(1, fine)
    ingest(record(1, fields={"due_on": "2026-04-02"}), now=MORNING)
    match_batches(now=MORNING)
    for day, expected in ((29, 0), (30, 1), (31, 1)):
        Notice.objects.filter(cause__startswith="due_soon").delete()
        match_due(now=MORNING.replace(day=day))
        assert Notice.objects.filter(cause="due_soon:2026-04-02").count() == expected, day


def test_a_missed_day_is_made_up_and_a_late_one_is_not(fine: Any) -> None:
    enrol(1, fine)
    ingest(record(1, fields={"due_on": "2026-04-02"}), record(1, fields={"due_on": "2026-04-03"}))
    match_due(now=MORNING + timedelta(days=22))  # 1 April: two days late for the first, one for the second
    assert causes() == ["due_soon:2026-04-03"]


def test_the_day_starts_at_midnight_in_korea(fine: Any) -> None:
    enrol(1, fine)
    ingest(record(1, fields={"due_on": "2026-04-02"}))
    eve = MORNING.replace(day=29, hour=14, minute=59)  # 23:59 on the 29th in Seoul
    match_due(now=eve)
    assert causes() == []
    match_due(now=eve + timedelta(minutes=1))
    assert causes() == ["due_soon:2026-04-02"]
    assert Notice.objects.get().not_before == MORNING.replace(day=30, hour=0)  # 09:00 in Seoul


def test_the_first_notice_and_the_reminder_of_the_same_day_are_one(fine: Any) -> None:
    enrol(1, fine)
    ingest(record(1, fields={"due_on": "2026-03-13"}), now=MORNING)  # three days ahead
    match_everything(now=MORNING)
    assert causes() == ["issued"]


def test_where_no_stage_is_of_the_record_itself_the_reminder_of_its_first_day_goes_out(fine: Any) -> None:
    fine.live_version.stages.filter(trigger="opened").delete()
    enrol(1, fine)
    ingest(record(1, fields={"due_on": "2026-03-13"}), now=MORNING)
    match_everything(now=MORNING)
    assert causes() == ["due_soon:2026-03-13"]


def test_a_moved_date_reminds_again_for_the_new_date(fine: Any) -> None:
    enrol(1, fine)
    ingest(record(1, external_id="A", fields={"due_on": "2026-04-02"}))
    match_batches(now=MORNING)
    match_due(now=MORNING.replace(day=30))
    ingest(record(1, external_id="A", version=2, fields={"due_on": "2026-04-03"}), now=MORNING.replace(day=30))
    match_everything(now=MORNING.replace(day=31))
    assert causes() == ["due_soon:2026-04-02", "due_soon:2026-04-03", "issued"]


def test_a_change_is_announced_only_to_people_who_were_notified(fine: Any) -> None:
    enrol(1, fine)
    ingest(record(1, external_id="A"))
    match_batches(now=MORNING)
    ingest(record(1, external_id="A", version=2, fields={"amount": 70000}))
    match_batches(now=MORNING)
    assert causes() == ["issued"]  # still unsent: it will have the new amount itself
    notified()
    ingest(record(1, external_id="A", version=3, fields={"amount": 80000}))
    match_batches(now=MORNING)
    assert causes() == ["changed:v3", "issued"]


def test_a_correction_that_changes_nothing_announced_is_not_announced(fine: Any) -> None:
    enrol(1, fine)
    ingest(record(1, external_id="A"))
    match_batches(now=MORNING)
    notified()
    ingest(record(1, external_id="A", version=2, fields={"violation": "속도위반"}))
    match_batches(now=MORNING)
    assert causes() == ["issued"]


def test_a_payment_is_confirmed_only_to_people_who_were_notified(fine: Any) -> None:
    enrol(1, fine)
    enrol(2, fine)
    ingest(record(1, external_id="A"), record(2, external_id="B", state="paid"))
    match_batches(now=MORNING)
    notified(record__external_id="A")
    ingest(record(1, external_id="A", version=2, state="paid"))
    match_batches(now=MORNING)
    assert causes() == ["issued", "paid:v2"]


def test_a_new_subscription_matches_the_open_records_of_that_person_at_once(fine: Any) -> None:
    alice = enrol(1)
    ingest(record(1), record(1, state="paid"), record(2))
    match_batches(now=MORNING)
    subscribe(alice, fine, matched=False)
    assert match_subscriptions(now=MORNING) == 1
    assert causes() == ["issued"]
    assert match_subscriptions(now=MORNING) == 0


def test_a_too_late_stage_knows_when_it_is_too_late(fine: Any) -> None:
    enrol(1, fine)
    ingest(record(1, fields={"due_on": "2026-04-02", "hearing_at": "2026-03-12T14:00:00+09:00"}))
    match_due(now=MORNING + timedelta(days=2))
    notice = Notice.objects.get(cause__startswith="hearing")
    assert notice.expires_at == MORNING.replace(day=12, hour=5)
    assert notice.urgent and notice.not_before <= MORNING + timedelta(days=2)
    match_due(now=MORNING.replace(day=30))
    assert Notice.objects.get(cause__startswith="due_soon").expires_at.date() == date(2026, 4, 2)


def test_matching_takes_a_fixed_number_of_statements(fine: Any, django_assert_num_queries: Any) -> None:
    for number in range(30):
        enrol(number, fine)
    ingest(*(record(number % 30) for number in range(500)))
    with django_assert_num_queries(9):
        match_batches(now=MORNING)
    assert Notice.objects.count() == 500


def test_a_day_on_which_nothing_is_due_costs_one_statement(fine: Any, django_assert_num_queries: Any) -> None:
    enrol(1, fine)
    ingest(record(1, fields={"due_on": "2026-12-01", "hearing_at": "2026-12-02T14:00:00+09:00"}))
    with django_assert_num_queries(1):
        assert match_due(now=MORNING) == 0
    with django_assert_num_queries(2):  # and one for each kind of key that records of the stage have
        assert match_due(now=MORNING.replace(month=12, day=2)) > 0


ON_THE_DAY = MORNING.replace(day=30)  # of the reminder: three days before 2 April
BOTH = ["due_soon:2026-04-02", "issued"]


@pytest.mark.parametrize(
    ("signs_up", "expected"),
    [
        (ON_THE_DAY, ["issued"]),
        (ON_THE_DAY + timedelta(days=1), ["issued"]),  # nor is the missed day made up
        (ON_THE_DAY - timedelta(hours=12, minutes=30), ["issued"]),  # 21:30 the evening before: goes out that morning
        (ON_THE_DAY - timedelta(hours=15), BOTH),  # 19:00 the evening before: goes out at once
        (ON_THE_DAY - timedelta(days=3), BOTH),
    ],
)
def test_a_reminder_is_compared_with_what_this_person_was_notified_of_first(
    fine: Any, signs_up: Any, expected: Any
) -> None:
    alice, known = enrol(1), enrol(2, fine)
    subject = record(1)["subject"] | {"name": "홍길동", "birth_date": "1960-01-02", "phone": "010-0000-0002"}
    ingest(record(1, external_id="A", subject=subject), now=MORNING)  # about both, and long known
    match_everything(now=MORNING)
    subscription = subscribe(alice, fine, matched=False)
    for now in (signs_up, max(signs_up, ON_THE_DAY) + timedelta(minutes=5)):
        match_everything(now=now)
        subscription.refresh_from_db()
    assert causes_of(alice) == expected
    assert causes_of(known) == BOTH or signs_up > ON_THE_DAY


def causes_of(citizen: Any) -> list[str]:
    return sorted(Notice.objects.filter(citizen=citizen).values_list("cause", flat=True))


def test_a_reminder_of_the_day_itself_that_is_due_already_is_not_sent_beside_the_first_notice(fine: Any) -> None:
    """The hearing is at 14:00, its reminder at 07:00: to sign up at 10:00 brings one notice, at 06:00 both."""
    hearing = {"due_on": "2026-06-01", "hearing_at": "2026-03-12T14:00:00+09:00"}
    late, early = enrol(1), enrol(2)
    ingest(record(1, fields=hearing), record(2, fields=hearing), now=MORNING)
    match_everything(now=MORNING)
    subscribe(early, fine, matched=False)
    match_everything(now=MORNING + timedelta(days=2, hours=-4))
    subscribe(late, fine, matched=False)
    match_everything(now=MORNING + timedelta(days=2))
    match_everything(now=MORNING + timedelta(days=2, minutes=5))
    assert (causes_of(late), causes_of(early)) == (["issued"], ["hearing:2026-03-12", "issued"])


def test_where_the_first_notice_would_be_too_late_the_reminder_goes_out(fine: Any) -> None:
    fine.live_version.stages.filter(code="issued").update(expires_slot=1, expires_days=-10)
    alice = enrol(1)
    ingest(record(1), now=MORNING)
    match_everything(now=MORNING)
    subscribe(alice, fine, matched=False)
    match_everything(now=ON_THE_DAY)
    assert "due_soon:2026-04-02" in causes_of(alice)


@pytest.mark.parametrize(("news", "cause"), [({"fields": {"due_on": "2026-04-03"}}, "changed:v2"), ({}, "reopened:v3")])
def test_what_is_notified_anew_on_the_day_of_a_reminder_is_not_reminded_of_as_well(
    fine: Any, news: Any, cause: Any
) -> None:
    alice = enrol(1, fine)
    day = ON_THE_DAY + timedelta(days=1 if news else 0)
    ingest(record(1, external_id="A"), now=MORNING)
    match_everything(now=MORNING)
    notified()
    version = 2
    if not news:
        ingest(record(1, external_id="A", version=2, state="withdrawn"), now=MORNING + timedelta(days=1))
        match_everything(now=MORNING + timedelta(days=1))
        notified()
        version = 3
    ingest(record(1, external_id="A", version=version, **news), now=day)
    match_everything(now=day)
    notified()
    match_everything(now=day + timedelta(minutes=5))
    assert cause in causes_of(alice) and not [item for item in causes_of(alice) if item.startswith("due_soon")]
