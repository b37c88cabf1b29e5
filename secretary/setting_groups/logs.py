"""Configure which log lines are written, and how: structured, without personal data."""

from typing import Any


def logging_settings(*, level: str, json: bool) -> dict[str, Any]:
    """For Django's LOGGING; `json`: an object a line, for a machine that collects them."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"personal_data": {"()": "secretary.kernel.logs.PersonalDataFilter"}},
        "formatters": {"line": {"()": "secretary.kernel.logs.LineFormatter", "json": json}},
        "handlers": {
            "console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["personal_data"]},
        },
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            "django.request": {"level": "ERROR"},
            "axes": {"level": "WARNING"},
            "urllib3": {"level": "INFO"},  # below that it writes addresses with their keys
            "twilio.http_client": {"level": "WARNING"},  # below that it writes addresses with phone numbers
            "celery": {"level": "WARNING"},
            "celery.beat": {"level": "WARNING"},
            "secretary.audit_head": {"level": "INFO"},  # whatever LOG_LEVEL says: a proof is no chatter
        },
    }
