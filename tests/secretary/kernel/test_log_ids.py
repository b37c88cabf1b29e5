"""Each log line names the request, task, notice or payment it is about."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from notifications import tasks as notices
from notifications.matching.match import match_everything
from notifications.models import Notice
from payments import tasks as money
from secretary.kernel import log_ids
from secretary.kernel.logs import LineFormatter
from secretary.kernel.request_ids import request_id
from tests.notifications.cast import MORNING, enrol, ingest, make_data_type, record, templates
from tests.notifications.conftest import sandbox as sandbox
from tests.notifications.conftest import sandbox_process as sandbox_process
from tests.payments.cast import alice_owes, begin, confirm, let_time_pass
from tests.payments.conftest import Far
from tests.payments.conftest import far as far
from tests.subscriptions.admin.ninth_type import staff_client
from tests.support.browser_forms import fill_in


class Lines(logging.Handler):
    """What production would write."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[dict[str, Any]] = []
        self.setFormatter(LineFormatter(json=True))

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(json.loads(self.format(record)))


@pytest.fixture
def lines() -> Iterator[list[dict[str, Any]]]:
    handler = Lines()
    logging.getLogger().addHandler(handler)
    yield handler.lines
    logging.getLogger().removeHandler(handler)


def about(lines: list[dict[str, Any]], words: str) -> dict[str, Any]:
    """The one line whose message has these words."""
    (line,) = [line for line in lines if words in line["message"]]
    return line


@pytest.mark.django_db
def test_a_task_and_the_notice_that_it_cannot_compose_are_on_the_line(
    sandbox: Any, lines: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    enrol(1, make_data_type(), channels=["sms"])
    sandbox.register(*templates())
    ingest(record(1))
    match_everything(now=MORNING)
    Notice.objects.update(urgent=True)
    broken = ValueError("010-0000-0001")
    monkeypatch.setattr("notifications.delivery.deliver.compose", raises(broken))
    monkeypatch.setattr("secretary.kernel.time.database_clock.now", lambda: MORNING)
    notices.deliver.apply(task_id="task-1")
    line = about(lines, "cannot be composed: ValueError at test_log_ids.py:")
    assert (line["task"], line["task_id"]) == ("notifications.deliver", "task-1")
    assert line["notice"] == Notice.objects.get().pk


def raises(error: Exception) -> Any:
    def raising(*_: object, **__: object) -> None:
        raise error

    return raising


@pytest.mark.django_db
def test_a_payment_that_is_set_apart_is_on_the_line_and_on_none_after_it(
    far: Far, lines: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    far.at(MORNING)
    alice, bill = alice_owes()
    payment = begin(alice, bill)
    let_time_pass()
    monkeypatch.setattr(far.bank, "poll", raises(KeyError("x")))
    money.poll.apply(task_id="task-2")
    line = about(lines, "poll_payments: a row is skipped: KeyError")
    assert (line["task"], line["task_id"], line["payment"]) == ("payments.ask", "task-2", payment.pk)
    logging.getLogger("after").warning("outside of it")
    assert not {"task", "payment"} & set(about(lines, "outside of it"))


@pytest.mark.django_db
def test_the_row_that_an_administrator_works_on_is_on_the_line(
    far: Far, lines: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    far.at(MORNING)
    alice, bill = alice_owes()
    payment = confirm(alice, begin(alice, bill), far.bank)
    monkeypatch.setattr("payments.admin.payment.request_refund", warns)
    clerk = staff_client("clerk")
    with log_ids.bound(request="r"):
        fill_in(clerk, f"/admin/payments/payment/{payment.pk}/step/refund/", reason="asked for by telephone")
    line = about(lines, "in the page")
    assert (line["request"], line["payment"]) == ("r", payment.pk)


def warns(**_: object) -> None:
    logging.getLogger("page").warning("in the page")


@pytest.mark.parametrize("given", ["proxy-id-0001", "01a225161f7a78c4b4635c591f775074"])
def test_a_well_formed_id_is_kept(given: str) -> None:
    assert request_id(given) == given


@pytest.mark.parametrize(
    "given",
    [
        "",
        "short",
        "x" * 65,
        "two words-long",
        "line\nbreak-long",
        "010-0000-0001",
        "900101-1234567",
        "한글이들어간번호",
    ],
)
def test_any_other_is_replaced_by_our_own(given: str) -> None:
    made = request_id(given)
    assert made != given and len(made) == 16 and made != request_id(given)


def test_what_is_bound_inside_ends_with_the_block() -> None:
    with log_ids.bound(request="r"):
        log_ids.bind(payment=7)
        with log_ids.bound(notice=8):
            assert log_ids.bound_ids() == {"request": "r", "payment": 7, "notice": 8}
        assert log_ids.bound_ids() == {"request": "r", "payment": 7}
    log_ids.bind(payment=9)
    assert log_ids.bound_ids() == {}
