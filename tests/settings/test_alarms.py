"""Who hears of alarms and through which mail server is read from the environment; what cannot work is named."""

from typing import Any

import pytest

from secretary import checks, env
from secretary.setting_groups.alarms import mail_server, recipients


def test_who_hears_of_alarms_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    assert recipients("ALARM_RECIPIENTS") == []
    assert mail_server("SMTP_URL")["EMAIL_HOST"] == ""
    monkeypatch.setenv("ALARM_RECIPIENTS", "ko:ops@x.example, en:https://h.example/alarms")
    assert [tuple(each.values()) for each in recipients("ALARM_RECIPIENTS")] == [
        ("ko", "mail", "ops@x.example"),
        ("en", "webhook", "https://h.example/alarms"),
    ]
    for wrong in ("ops@x.example", "fr:ops@x.example", "ko:ops", "ko:ops@x.example <y>", "ko ops@x.example"):
        monkeypatch.setenv("ALARM_RECIPIENTS", wrong)
        with pytest.raises(env.Misconfigured, match="ko:ops@example"):
            recipients("ALARM_RECIPIENTS")
    monkeypatch.setenv("SMTP_URL", "smtp+starttls://ps%40x:p%2Fw@mail.example")
    assert mail_server("SMTP_URL") == {
        "EMAIL_HOST": "mail.example",
        "EMAIL_PORT": 587,
        "EMAIL_HOST_USER": "ps@x",
        "EMAIL_HOST_PASSWORD": "p/w",
        "EMAIL_USE_TLS": True,
        "EMAIL_USE_SSL": False,
    }
    monkeypatch.setenv("SMTP_URL", "smtps://mail.example:4650")
    assert (mail_server("SMTP_URL")["EMAIL_PORT"], mail_server("SMTP_URL")["EMAIL_USE_SSL"]) == (4650, True)
    for wrong in ("mail.example", "http://mail.example", "smtp://:25", "smtp://h:x"):
        monkeypatch.setenv("SMTP_URL", wrong)
        with pytest.raises(env.Misconfigured, match="SMTP_URL"):
            mail_server("SMTP_URL")


def test_production_names_what_keeps_alarms_from_their_recipients(settings: Any) -> None:
    settings.ALARM_RECIPIENTS = [
        {"language": "ko", "way": "mail", "address": "ops@x.example"},
        {"language": "en", "way": "webhook", "address": "http://h.example/"},
    ]
    settings.EMAIL_HOST = settings.DEFAULT_FROM_EMAIL = settings.ALARM_WEBHOOK_SECRET = ""
    found = {error.id for error in checks.problems()}
    assert {"secretary.E034", "secretary.E035", "secretary.E036"} <= found
    settings.EMAIL_HOST, settings.DEFAULT_FROM_EMAIL = "mail.example", "ps@x.example"
    settings.ALARM_WEBHOOK_SECRET = "whsec_aW52ZW50ZWQtYnktdGhlLXRlc3RzLWFsYXJtLTAwMDE="
    settings.ALARM_RECIPIENTS[1]["address"] = "https://h.example/"
    found = {error.id for error in checks.problems()}
    assert not {"secretary.E034", "secretary.E035", "secretary.E036"} & found
