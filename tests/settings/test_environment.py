"""Every variable reaches the setting that code reads: one process with unusual values for all of them tells."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from tests.plugin import ROOT
from tests.support.together import in_one_test

KEY = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVowMTIzNDU="  # ABCDEFGHIJKLMNOPQRSTUVWXYZ012345
# Variable → (what is set, the setting, what is read). A dot leads into it.
READ: dict[str, tuple[str, str, Any]] = {
    "ENVIRONMENT": ("production", "ENVIRONMENT", "production"),
    "DEBUG": ("true", "DEBUG", True),
    "SECRET_KEY": ("a-key-of-this-test", "SECRET_KEY", "a-key-of-this-test"),
    "FIELD_KEYS": (f"k9:{KEY}", "FIELD_KEYS.k9", "b'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345'"),
    "INDEX_KEY": (KEY, "INDEX_KEY", "b'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345'"),
    "CHECK_CODE_KEY": (KEY, "CHECK_CODE_KEY", "b'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345'"),
    "OFFICIAL_SITE": ("true", "OFFICIAL_SITE", True),
    "LOG_LEVEL": ("WARNING", "LOGGING.root.level", "WARNING"),
    "PUBLIC_BASE_URL": ("https://a.example", "PUBLIC_BASE_URL", "https://a.example"),
    "SITE_IN_WORDS_KO": ("a 점 example", "SITE_IN_WORDS.ko", "a 점 example"),
    "SITE_IN_WORDS_EN": ("a dot example", "SITE_IN_WORDS.en", "a dot example"),
    "PRIVACY_CONTACT_KO": ("안전과 000", "PRIVACY_CONTACT.ko", "안전과 000"),
    "PRIVACY_CONTACT_EN": ("Safety 000", "PRIVACY_CONTACT.en", "Safety 000"),
    "CALLBACK_BASE_URL": ("https://b.example", "CALLBACK_BASE_URL", "https://b.example"),
    "ALLOWED_HOSTS": ("a.example,c.example", "ALLOWED_HOSTS", ["a.example", "c.example"]),
    "CSRF_TRUSTED_ORIGINS": ("https://d.example", "CSRF_TRUSTED_ORIGINS", ["https://d.example"]),
    "TRUSTED_PROXIES": ("3", "TRUSTED_PROXIES", 3),
    "ALLOW_PRIVATE_ADDRESSES": ("true", "ALLOW_PRIVATE_ADDRESSES", True),
    "DATABASE_URL": ("postgresql://a:b@c.example:5/d?sslmode=require", "DATABASES.default.HOST", "c.example"),
    "REDIS_URL": ("redis://e.example/3", "CELERY_BROKER_URL", "redis://e.example/3"),
    "CONN_MAX_AGE": ("7", "DATABASES.default.CONN_MAX_AGE", 7),
    "REPLICA_URL": ("postgresql://a:b@r.example/d", "DATABASES.replica.HOST", "r.example"),
    "REPLICA_LAG_SECONDS": ("2.5", "REPLICA_LAG_SECONDS", 2.5),
    "DATABASE_POOLED": ("true", "DATABASES.default.DISABLE_SERVER_SIDE_CURSORS", True),
    "CHANNEL_SMS": ("other_sms", "CHANNELS.sms", "other_sms"),
    "CHANNEL_KAKAOTALK": ("other_kakao", "CHANNELS.kakaotalk", "other_kakao"),
    "CHANNEL_NAVER": ("other_naver", "CHANNELS.naver", "other_naver"),
    "CHANNEL_TOSS": ("other_toss", "CHANNELS.toss", "other_toss"),
    "IDENTITY_PROVIDER": ("other_identity", "IDENTITY_PROVIDER", "other_identity"),
    "IDENTITY_CODE_SECONDS": ("240", "IDENTITY_CODE_SECONDS", 240),
    "IDENTITY_CODE_TRIES": ("3", "IDENTITY_CODE_TRIES", 3),
    "PAYMENT_PROVIDERS": ("kakaopay", "PAYMENT_PROVIDERS", ["kakaopay"]),
    "PAYMENT_TOTAL_SECONDS": ("16.5", "PAYMENT_TOTAL_SECONDS", 16.5),
    "PAYMENT_BILLERS": ("nhis:other_biller", "PAYMENT_BILLERS.nhis", "other_biller"),
    "PAYMENT_CARD_FEES": ("nhis:1.2", "PAYMENT_CARD_FEES.nhis", 12),
    "PAYMENT_REAUTH_MINUTES": ("6", "PAYMENT_REAUTH_MINUTES", 6),
    "PAYMENT_LEASE_SECONDS": ("61", "PAYMENT_LEASE_SECONDS", 61),
    "PAYMENT_STALE_MINUTES": ("31", "PAYMENT_STALE_MINUTES", 31),
    "PAYMENT_POLL_SECONDS": ("11", "PAYMENT_POLL_SECONDS", 11),
    "PAYMENT_POLL_MAX_SECONDS": ("901", "PAYMENT_POLL_MAX_SECONDS", 901),
    "PAYMENT_POLL_SETTLED_DAYS": ("9,2,2", "PAYMENT_POLL_SETTLED_DAYS", [2, 9]),
    "PAYMENT_UNKNOWN_ALARM_MINUTES": ("62", "PAYMENT_UNKNOWN_ALARM_MINUTES", 62),
    "POSTING_RETRY_SECONDS": ("33", "POSTING_RETRY_SECONDS", 33),
    "POSTING_RETRY_MAX_SECONDS": ("3601", "POSTING_RETRY_MAX_SECONDS", 3601),
    "POSTING_ALARM_MINUTES": ("63", "POSTING_ALARM_MINUTES", 63),
    "RECONCILE_AFTER": ("06:30", "RECONCILE_AFTER", "06:30:00"),
    "PAYMENT_CALLBACK_MAX_BYTES": ("65", "PAYMENT_CALLBACK_MAX_BYTES", 65),
    "FILE_DROP_ROOT": ("/srv/drop", "FILE_DROP_ROOT", "/srv/drop"),
    "MAX_RECORDS_PER_PUSH": ("12", "MAX_RECORDS_PER_PUSH", 12),
    "INGEST_BATCH": ("13", "INGEST_BATCH", 13),
    "CLAIM_BATCH": ("14", "CLAIM_BATCH", 14),
    "LEASE_SECONDS": ("65", "LEASE_SECONDS", 65),
    "MAX_ATTEMPTS": ("9", "MAX_ATTEMPTS", 9),
    "MAX_CRASHES": ("4", "MAX_CRASHES", 4),
    "RETRY_BASE_SECONDS": ("34", "RETRY_BASE_SECONDS", 34),
    "RETRY_MAX_SECONDS": ("3602", "RETRY_MAX_SECONDS", 3602),
    "RECEIPT_WAIT_SECONDS": ("301", "RECEIPT_WAIT_SECONDS", 301),
    "UNKNOWN_WAIT_SECONDS": ("66", "UNKNOWN_WAIT_SECONDS", 66),
    "RECEIPT_GIVE_UP_HOURS": ("81", "RECEIPT_GIVE_UP_HOURS", 81),
    "STAGE_GRACE_DAYS": ("2", "STAGE_GRACE_DAYS", 2),
    "UNREACHED_ALARM_PEOPLE": ("50", "UNREACHED_ALARM_PEOPLE", 50),
    "FAMILY_ANSWER_DAYS": ("8", "FAMILY_ANSWER_DAYS", 8),
    "FAMILY_SENIORS_PER_NUMBER": ("5", "FAMILY_SENIORS_PER_NUMBER", 5),
    "FAMILY_TEXTS_PER_DAY": ("2", "FAMILY_TEXTS_PER_DAY", 2),
    "FAMILY_TEXTS_PER_MONTH": ("6", "FAMILY_TEXTS_PER_MONTH", 6),
    "FAMILY_CODES_PER_ADDRESS": ("91", "ATTEMPT_LIMITS.family_code_address", [91, 600]),
    "FAMILY_CODES_PER_SITE": ("92", "ATTEMPT_LIMITS.family_code_site", [92, 600]),
    "FAMILY_CODES_OVERALL": ("93", "ATTEMPT_LIMITS.family_code_overall", [93, 3600]),
    "CALL_LIST_DAYS": ("4", "CALL_LIST_DAYS", 4),
    "FEED_STRANGERS_ALARM": ("50", "FEED_STRANGERS_ALARM", 50),
    "DAY_STARTS": ("08:30", "DAY_STARTS", "08:30:00"),
    "DAY_ENDS": ("19:30", "DAY_ENDS", "19:30:00"),
    "HOURS_EARLIEST": ("05:00", "HOURS_EARLIEST", "05:00:00"),
    "HOURS_LATEST": ("23:00", "HOURS_LATEST", "23:00:00"),
    "HOURS_AT_LEAST": ("5", "HOURS_AT_LEAST", 5),
    "TOSS_LINK_MINUTES": ("6", "TOSS_LINK_MINUTES", 6),
    "UNDO_MINUTES": ("7", "UNDO_MINUTES", 7),
    "CALM_AT": ("11:30", "CALM_AT", "11:30:00"),
    "CALM_GATHER_SECONDS": ("60", "CALM_GATHER_SECONDS", 60),
    "CALM_DAYS_LEFT": ("9", "CALM_DAYS_LEFT", 9),
    "YEARLY_MESSAGE_DAY": ("11-01", "YEARLY_MESSAGE_DAY", [11, 1]),
    "YEARLY_MESSAGES_PER_MINUTE": ("900", "YEARLY_MESSAGES_PER_MINUTE", 900),
    "HTTP_CONNECT_SECONDS": ("3.5", "HTTP_CONNECT_SECONDS", 3.5),
    "HTTP_TOTAL_SECONDS": ("10.5", "HTTP_TOTAL_SECONDS", 10.5),
    "HTTP_BATCH_SECONDS": ("25.5", "HTTP_BATCH_SECONDS", 25.5),
    "HTTP_PATIENCE_SECONDS": ("0.25", "HTTP_PATIENCE_SECONDS", 0.25),
    "SETTLE_SECONDS": ("30.5", "SETTLE_SECONDS", 30.5),
    "GATEWAY_LIST_PAGES": ("6", "GATEWAY_LIST_PAGES", 6),
    "SENS_SENDER": ("0200000000", "ADAPTER_CONFIG.SENS_SENDER", "0200000000"),
    "CLOCK_TOLERANCE_SECONDS": ("31.5", "CLOCK_TOLERANCE_SECONDS", 31.5),
    "SWEEP_SECONDS": ("15.5", "schedule.sweep", 15.5),
    "REFERENCE_PREFIX": ("zz", "REFERENCE_PREFIX", "zz"),
    "BREAKER_WINDOW": ("101", "BREAKER_WINDOW", 101),
    "BREAKER_RATE": ("0.6", "BREAKER_RATE", 0.6),
    "AUTOPILOT_AFTER_SECONDS": ("31", "AUTOPILOT_AFTER_SECONDS", 31),
    "AUTOPILOT_SHARES": ("10,40", "AUTOPILOT_SHARES", [10, 40]),
    "AUTOPILOT_STEP_SECONDS": ("61", "AUTOPILOT_STEP_SECONDS", 61),
    "PROVIDER_RATES": ("nhn_sms:50", "PROVIDER_RATES.nhn_sms", 50),
    "PROVIDER_DAILY": ("sens_sms:10000", "PROVIDER_DAILY.sens_sms", 10000),
    "BREAKER_PAUSE_SECONDS": ("35", "BREAKER_PAUSE_SECONDS", 35),
    "WRONG_NUMBERS_LEAST": ("11", "WRONG_NUMBERS_LEAST", 11),
    "WRONG_NUMBERS_RATE": ("0.2", "WRONG_NUMBERS_RATE", 0.2),
    "TEMPLATE_VALUE_RECORDS": ("6", "TEMPLATE_VALUE_RECORDS", 6),
    "TEMPLATE_VALUE_HOURS": ("25", "TEMPLATE_VALUE_HOURS", 25),
    "KAKAOTALK_VALUE_CHARS": ("14", "KAKAOTALK_VALUE_CHARS", 14),
    "MAX_BODY_BYTES": ("5000001", "DATA_UPLOAD_MAX_MEMORY_SIZE", 5000001),
    "WEBHOOK_MAX_BYTES": ("2000001", "WEBHOOK_MAX_BYTES", 2000001),
    "WEBHOOK_TOLERANCE_SECONDS": ("302", "WEBHOOK_TOLERANCE_SECONDS", 302),
    "SESSION_SECONDS": ("1801", "SESSION_COOKIE_AGE", 1801),
    "STAFF_SESSION_HOURS": ("10", "STAFF_SESSION_HOURS", 10),
    "STAFF_ENROL_DAYS": ("15", "STAFF_ENROL_DAYS", 15),
    "STAFF_TOTP_REQUIRED": ("false", "STAFF_TOTP_REQUIRED", False),
    "LOGIN_FAILURE_LIMIT": ("7", "AXES_FAILURE_LIMIT", 7),
    "LOGIN_COOLOFF_MINUTES": ("16", "AXES_COOLOFF_TIME", "0:16:00"),
    "OWN_DATA_EXPORT_HOURS": ("71", "OWN_DATA_EXPORT_HOURS", 71),
    "OWN_DATA_EXPORTS_PER_DAY": ("4", "OWN_DATA_EXPORTS_PER_DAY", 4),
    "FULL_CHECK_MINUTES": ("11", "FULL_CHECK_MINUTES", 11),
    "CITIZEN_SESSION_HOURS": ("7", "CITIZEN_SESSION_HOURS", 7),
    "DRAFT_KEPT_MINUTES": ("121", "DRAFT_KEPT_MINUTES", 121),
    "PHONE_CODE_PROVED_DAYS": ("366", "PHONE_CODE_PROVED_DAYS", 366),
    "IDENTITY_APP_SECONDS": ("301", "IDENTITY_APP_SECONDS", 301),
    "BOOKING_SITE_KEYS": (f"site:{KEY}", "BOOKING_SITE_KEYS.site", "b'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345'"),
    "PAYMENT_FULL_CHECK_WON": ("50001", "PAYMENT_FULL_CHECK_WON", 50001),
    "TEST_MESSAGES_PER_PERSON": ("4", "ATTEMPT_LIMITS.trial_person", [4, 86400]),
    "PHONE_CODES_PER_SESSION": ("61", "ATTEMPT_LIMITS.light_asked_session", [61, 3600]),
    "PHONE_CODES_PER_NUMBER": ("62", "ATTEMPT_LIMITS.light_asked_phone", [62, 86400]),
    "PHONE_CODES_PER_ADDRESS": ("63", "ATTEMPT_LIMITS.light_asked_address", [63, 600]),
    "PHONE_CODES_PER_SITE": ("64", "ATTEMPT_LIMITS.light_asked_site", [64, 600]),
    "PHONE_CODES_OVERALL": ("65", "ATTEMPT_LIMITS.light_asked_overall", [65, 3600]),
    "PHONE_TRIES_PER_SESSION": ("66", "ATTEMPT_LIMITS.light_tried_session", [66, 3600]),
    "PHONE_TRIES_PER_NUMBER": ("67", "ATTEMPT_LIMITS.light_tried_phone", [67, 86400]),
    "PHONE_TRIES_PER_ADDRESS": ("68", "ATTEMPT_LIMITS.light_tried_address", [68, 600]),
    "PHONE_TRIES_OVERALL": ("69", "ATTEMPT_LIMITS.light_tried_overall", [69, 3600]),
    "SENIOR_MINIMUM_AGE": ("76", "SENIOR_MINIMUM_AGE", 76),
    "RUN_TOKEN": ("of-this-start", "RUN_TOKEN", "of-this-start"),
    "SANDBOX_URL": ("http://f.example", "SANDBOX_URL", "http://f.example"),
    "TEMPLATE_CONSOLE_URL": ("http://g.example", "TEMPLATE_CONSOLE_URL", "http://g.example"),
    "CODES_PER_SESSION": ("21", "ATTEMPT_LIMITS.code_sent_session", [21, 3600]),
    "CODES_PER_NUMBER": ("22", "ATTEMPT_LIMITS.code_sent_phone", [22, 86400]),
    "CODES_PER_ADDRESS": ("23", "ATTEMPT_LIMITS.code_sent_address", [23, 600]),
    "CODES_OVERALL": ("24", "ATTEMPT_LIMITS.code_sent_overall", [24, 3600]),
    "TRIES_PER_SESSION": ("25", "ATTEMPT_LIMITS.code_tried_session", [25, 3600]),
    "TRIES_PER_NUMBER": ("26", "ATTEMPT_LIMITS.code_tried_phone", [26, 86400]),
    "TRIES_PER_ADDRESS": ("27", "ATTEMPT_LIMITS.code_tried_address", [27, 600]),
    "TRIES_OVERALL": ("28", "ATTEMPT_LIMITS.code_tried_overall", [28, 3600]),
    "CHECKS_PER_ADDRESS": ("71", "ATTEMPT_LIMITS.code_checked_address", [71, 600]),
    "CHECKS_PER_SITE": ("72", "ATTEMPT_LIMITS.code_checked_site", [72, 600]),
    "CHECKS_OVERALL": ("73", "ATTEMPT_LIMITS.code_checked_overall", [73, 3600]),
    "SHORT_CHECKS_OVERALL": ("74", "ATTEMPT_LIMITS.code_checked_short", [74, 3600]),
    "CALENDAR_READS": ("76", "ATTEMPT_LIMITS.calendar_read", [76, 3600]),
    "CALENDAR_REFRESH_HOURS": ("77", "CALENDAR_REFRESH_HOURS", 77),
    "CALENDAR_CANCELLED_DAYS": ("78", "CALENDAR_CANCELLED_DAYS", 78),
    "CHECK_CODE_DAYS": ("75", "CHECK_CODE_DAYS", 75),
    "TRIES_PER_SITE": ("41", "ATTEMPT_LIMITS.code_tried_site", [41, 600]),
    "DETAILS_PER_SESSION": ("42", "ATTEMPT_LIMITS.details_session", [42, 3600]),
    "DETAILS_PER_NUMBER_AND_ADDRESS": ("43", "ATTEMPT_LIMITS.details_pair", [43, 3600]),
    "DETAILS_PER_ADDRESS": ("44", "ATTEMPT_LIMITS.details_address", [44, 600]),
    "DETAILS_PER_SITE": ("45", "ATTEMPT_LIMITS.details_site", [45, 600]),
    "DETAILS_OVERALL": ("46", "ATTEMPT_LIMITS.details_overall", [46, 3600]),
    "PASSWORD_TRIES_PER_ACCOUNT": ("47", "ATTEMPT_LIMITS.password_tried_account", [47, 900]),
    "LOGIN_FAILURES_PER_ADDRESS": ("48", "ATTEMPT_LIMITS.sign_in_address", [48, 900]),
    "LOGIN_FAILURES_PER_ACCOUNT": ("49", "ATTEMPT_LIMITS.sign_in_account", [49, 3600]),
    "EXTRA_HOLIDAYS": ("2027-05-06,2027-05-07", "EXTRA_HOLIDAYS", ["2027-05-06", "2027-05-07"]),
    "APPROVER_WAIT_HOURS": ("50", "APPROVER_WAIT_HOURS", 50),
    "AUDIT_HEAD_FILE": ("/srv/heads", "AUDIT_HEAD_FILE", "/srv/heads"),
    "AUDIT_HEAD_URL": ("https://h.example/", "AUDIT_HEAD_URL", "https://h.example/"),
    "ALARM_REPEAT_HOURS": ("9", "ALARM_REPEAT_HOURS", 9),
    "ALARM_WEBHOOK_SECRET": ("whsec_x", "ALARM_WEBHOOK_SECRET", "whsec_x"),
    "BEAT_PING_URL": ("https://m.example/", "BEAT_PING_URL", "https://m.example/"),
    "AUDIT_SEAL_ALARM_MINUTES": ("51", "AUDIT_SEAL_ALARM_MINUTES", 51),
    "DATABASE_READER_ROLE": ("looker", "DATABASE_READER_ROLE", "looker"),
    "DATABASE_READER_PASSWORD": ("x", "DATABASE_READER_PASSWORD", "x"),
    "DATA_GO_KR_HOSTS": ("i.example,j.example", "DATA_GO_KR_HOSTS", ["i.example", "j.example"]),
    "PAYMENT_EVENT_SECONDS": ("52", "PAYMENT_EVENT_SECONDS", 52),
    "TOTP_TRIES_PER_ACCOUNT": ("29", "ATTEMPT_LIMITS.totp_tried_account", [29, 900]),
}
PRINT = """
import json
from secretary.celery import app
from django.conf import settings
known = {name: getattr(settings, name) for name in dir(settings) if name.isupper() and name != "LANGUAGES"}
known["schedule"] = {name: entry["schedule"] for name, entry in app.conf.beat_schedule.items()}
print(json.dumps(known, default=str))
"""


@pytest.fixture(scope="module")
def notified() -> dict[str, Any]:
    """The settings of a process in which everything is set."""
    values = {name: value for name, (value, _, _) in READ.items()}
    environment = {**os.environ, **values, "LOCAL_ENV": "off"}
    command = [sys.executable, "-c", PRINT]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    settings: dict[str, Any] = json.loads(done.stdout)
    return settings


@in_one_test("name", READ)
def test_the_variable_is_read(notified: dict[str, Any], name: str) -> None:
    _, place, expected = READ[name]
    found: Any = notified
    for step in place.split("."):
        found = found[step]
    assert found == expected


def test_a_secret_of_a_vendor_may_come_from_a_file(tmp_path: Any) -> None:
    (tmp_path / "secret").write_text("from-a-file\n")
    environment = {**os.environ, "NHN_SECRET_KEY_FILE": str(tmp_path / "secret"), "LOCAL_ENV": "off"}
    command = [sys.executable, "-c", PRINT]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=600)
    assert json.loads(done.stdout)["ADAPTER_CONFIG"]["NHN_SECRET_KEY"] == "from-a-file"
