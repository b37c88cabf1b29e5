"""No log line identifies a person, however the number got into it."""

import json
import logging
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from secretary.kernel.logs import LineFormatter, PersonalDataFilter
from tests.support.together import in_one_test

CI = "Zm9v" * 21 + "Zg=="
SECRETS = {
    "mobile": "01000001234",
    "mobile with hyphens": "010-0000-1234",
    "mobile with dots": "010.0000.1234",
    "E.164": "+821000001234",
    "international with blanks": "+82 10-0000-1234",
    "international with a nought": "+82(0)10-0000-1234",
    "without the plus": "821000001234",
    "in an address": "https://gateway.example/Messages.json?To=%2B821000001234&PageSize=50",
    "resident number": "900101-1234567",
    "resident number without hyphen": "9001011234567",
    "resident number of a foreigner": "900101-5234567",
    "CI": CI,
    "CI in an address": CI.replace("m", "%2F").replace("=", "%3D"),
}


class Lines(logging.Handler):
    def __init__(self, formatter: logging.Formatter) -> None:
        super().__init__()
        self.lines: list[str] = []
        self.setFormatter(formatter)
        self.addFilter(PersonalDataFilter())

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture(params=[False, True], ids=["line", "json"])
def handler(request: pytest.FixtureRequest) -> Iterator[Lines]:
    yield from attached(Lines(LineFormatter(json=request.param)))


def attached(handler: Lines) -> Iterator[Lines]:
    logger.addHandler(handler)
    yield handler
    logger.removeHandler(handler)


logger = logging.getLogger("tests.logs")
logger.propagate = False


def assert_masked(line: str, secret: str) -> None:
    assert secret not in line
    for digits in ("1234567", "00001234", "0000-1234", "0000.1234", "Zm9vZm9v", "Zg%3D"):
        assert digits not in line


@in_one_test("secret", SECRETS.values(), ids=SECRETS)
@in_one_test("around", ["{}", "to {}.", "번호{}입니다", "({})", "key_{}_x"])
def test_it_is_masked_in_the_message_and_in_its_arguments(handler: Lines, secret: str, around: str) -> None:
    logger.warning(around.format(secret).replace("%", "%%"), *())
    logger.warning("sent %s", around.format(secret))
    logger.warning("%(who)s", {"who": around.format(secret)})
    for line in handler.lines[-3:]:
        assert_masked(line, secret)


@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS)
def test_it_is_masked_in_an_exception_and_its_cause(handler: Lines, secret: str) -> None:
    try:
        try:
            raise ValueError(f"no such person: {secret}")
        except ValueError as error:
            raise RuntimeError("it failed") from error
    except RuntimeError:
        logger.exception("cannot go on")
    assert "RuntimeError" in handler.lines[0]
    assert_masked(handler.lines[0], secret)


@pytest.mark.parametrize(
    "plain", ["notice 1234567890123456 sent", "2026-03-10 10:00:00", "delivery ps-1000012345", "took 0.1000 s"]
)
def test_ordinary_numbers_stay_readable(handler: Lines, plain: str) -> None:
    logger.warning("%s", plain)
    assert plain in handler.lines[0]


def test_arguments_that_do_not_fit_break_no_work(handler: Lines) -> None:
    logger.warning("%d people, 010-0000-1234", "many")
    assert_masked(handler.lines[0], "010-0000-1234")


def test_in_production_a_line_is_one_json_object() -> None:
    for handler in attached(Lines(LineFormatter(json=True))):
        logger.error("two\nlines")
        assert json.loads(handler.lines[0])["level"] == "ERROR"
        assert "\n" not in handler.lines[0]


SEVERAL_LINES = "first\n\nhidden\nline"  # not in the statement below: a traceback quotes the source
DETAILS = {
    "a row": ("INSERT INTO auth_user (username) VALUES ('taken'), ('taken')", "taken"),
    "a whole row": ("INSERT INTO auth_user (username, last_name) VALUES ('x', 'secretname')", "secretname"),
    "a value": ("SELECT 'secretname'::int", "secretname"),
    "a line of the statement": ("SELECT nothing_of_that_name, 'secretname'", "secretname"),
}


@pytest.mark.django_db
@pytest.mark.parametrize("way", ["exception", "message"])
@pytest.mark.parametrize("wrong", DETAILS)
def test_what_the_database_adds_to_its_errors_is_in_no_line(handler: Lines, wrong: str, way: str) -> None:
    statement, secret = DETAILS[wrong]
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            if wrong == "a row":
                cursor.execute("CREATE TEMP TABLE t (name text UNIQUE)")
                statement = "INSERT INTO t VALUES ('taken'), ('taken')"
            cursor.execute(statement)
    except DatabaseError as error:
        if way == "exception":
            logger.exception("it failed")
        else:
            logger.error("it failed: %s", str(error).partition("\n")[0] if wrong == "a value" else error)
    (line,) = handler.lines
    if (wrong, way) != ("a value", "message"):  # the first line of an error is chosen by the caller
        assert secret not in line
    assert "DETAIL" not in line and "LINE 1" not in line


@pytest.mark.django_db
def test_a_detail_of_several_lines_is_left_out_whole(handler: Lines) -> None:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("CREATE TEMP TABLE t (name text UNIQUE)")
            cursor.execute("INSERT INTO t VALUES (%(it)s), (%(it)s)", {"it": SEVERAL_LINES})
    except DatabaseError:
        logger.exception("it failed")
    (line,) = handler.lines
    assert "hidden" not in line and "duplicate key" in line


def test_a_line_begins_with_its_time_and_offset() -> None:
    for handler in attached(Lines(LineFormatter())):
        logger.warning("plain")
        at, rest = handler.lines[0].split(" ", 1)
        assert datetime.fromisoformat(at).utcoffset() == timedelta(hours=9)
        assert rest == "WARNING tests.logs: plain"


def test_a_json_line_says_everything_once() -> None:
    for handler in attached(Lines(LineFormatter(json=True))):
        logger.warning("plain")
        entry = json.loads(handler.lines[0])
        assert datetime.fromisoformat(entry.pop("at")).utcoffset() == timedelta(hours=9)
        assert entry == {"level": "WARNING", "logger": "tests.logs", "message": "plain"}
