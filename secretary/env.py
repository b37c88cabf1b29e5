"""Read the environment with types. Every failure names the variable and the form that it should have.

A secret may come from a file: NAME_FILE holds its path (as Docker and Kubernetes mount secrets) where NAME
itself is not set. A variable that is set but empty counts as not set, as in a copied `.env.example`.
"""

import base64
import binascii
import math
import os
import re
from collections.abc import Iterable, Mapping
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

YES, NO = ("1", "true", "yes", "on"), ("0", "false", "no", "off")
KEY_BYTES = 32
loaded: set[str] = set()  # names that load_local has set
# What kind of process this is, for what differs between them: "web", "receiver", "worker", or a command that may take
# its time. The entry points (secretary/wsgi.py, receiver.py, celery.py) say it before the settings are read.
process = "command"


class Misconfigured(Exception):
    """A variable is missing or unusable; the message says which, and what to write."""

    def __init__(self, name: str, hint: str) -> None:
        super().__init__(f"{name} {hint}; see .env.example")
        self.name = name


def text(name: str, default: str | None = None) -> str:
    """Return the value, or `default`; without a default the variable is required."""
    value = os.environ.get(name, "").strip() or _from_file(name)
    if value:
        return value
    if default is None:
        raise Misconfigured(name, "is not set")
    return default


def boolean(name: str, default: bool) -> bool:
    value = text(name, "").lower()
    if value not in ("", *YES, *NO):
        raise Misconfigured(name, f"is {value!r}: write one of {', '.join(YES + NO)}")
    return value in YES if value else default


def integer(name: str, default: int | None = None, *, least: int = 1) -> int:
    """Return a whole number of at least 1, or of `least`: where nothing or less would mean something, the setting says
    so."""
    value = text(name, None if default is None else str(default))
    try:
        found = int(value)
    except ValueError as error:
        raise Misconfigured(name, f"is {value!r}: write a whole number") from error
    if found < least:
        raise Misconfigured(name, f"is {value!r}: write a whole number of at least {least}")
    return found


def number(name: str, default: float, *, or_zero: bool = False) -> float:
    """Return a number above 0, or 0 where `or_zero` says that this means something."""
    value = text(name, str(default))
    try:
        found = float(value)
    except ValueError as error:
        raise Misconfigured(name, f"is {value!r}: write a number") from error
    if not (math.isfinite(found) and (found > 0 or (or_zero and found == 0))):
        raise Misconfigured(name, f"is {value!r}: write a number {'of at least' if or_zero else 'above'} 0")
    return found


def minutes(name: str, default: int) -> timedelta:
    return timedelta(minutes=integer(name, default))


def clock_time(name: str, default: str) -> time:
    """Return a time of the day as HH:MM."""
    value = text(name, default)
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value):
        raise Misconfigured(name, f"is {value!r}: write a time as HH:MM")
    return time.fromisoformat(value)


def day_of_year(name: str, default: str) -> tuple[int, int] | None:
    """Return month and day of MM-DD, a day that every year has; None where the value is "none"."""
    value = text(name, default)
    if value == "none":
        return None
    try:
        day = date.fromisoformat(f"2023-{value}")
    except ValueError as error:
        raise Misconfigured(name, f'is {value!r}: write a day of every year as MM-DD, or "none"') from error
    return day.month, day.day


def listing(name: str, default: str = "") -> list[str]:
    """Comma-separated values without blanks around them; empty ones do not count."""
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


def whole_numbers(name: str, default: str) -> list[int]:
    """Comma-separated whole numbers of at least 1; [] where the value is "none"."""
    parts = [part for part in listing(name, default) if part != "none"]
    if not all(re.fullmatch(r"[0-9]{1,4}", part) and int(part) for part in parts):
        raise Misconfigured(name, 'must be whole numbers from 1 on like "1,3,7", or "none"')
    return sorted({int(part) for part in parts})


def days(name: str) -> list[date]:
    """Comma-separated days as YYYY-MM-DD; [] where it is not set."""
    try:
        return [date.fromisoformat(part) for part in listing(name)]
    except ValueError as error:
        raise Misconfigured(name, "must be days like 2027-05-06, separated by commas") from error


def pairs(name: str, default: str = "") -> dict[str, str]:
    """Comma-separated KEY:VALUE, each key once; {} where the value is "none"."""
    parts = [part.partition(":") for part in listing(name, default) if part != "none"]
    found = {key.strip(): value.strip() for key, _, value in parts}
    if len(found) != len(parts) or not all(key and value for key, value in found.items()):
        raise Misconfigured(name, 'must look like "knpa:http_biller,other:http_biller", each name once')
    return found


def amounts(name: str) -> dict[str, int]:
    """Comma-separated KEY:NUMBER, like "nhn_sms:50", whole numbers from 1; {} where it is not set."""
    found = pairs(name)
    if not all(value.isascii() and value.isdecimal() and int(value) for value in found.values()):
        raise Misconfigured(name, 'must look like "nhn_sms:50,twilio:20", whole numbers from 1')
    return {key: int(value) for key, value in found.items()}


def thousandths(name: str, *, most: int) -> dict[str, int]:
    """Comma-separated KEY:PERCENT, like "knpa:1.5", as thousandths of at most `most`; {} where it is not set."""
    found = pairs(name)
    if not all(re.fullmatch(r"\d{1,2}(\.\d)?", percent) for percent in found.values()):
        raise Misconfigured(name, 'must look like "knpa:1.5", in percent')
    shares = {key: round(float(percent) * 10) for key, percent in found.items()}
    if any(share > most for share in shares.values()):
        raise Misconfigured(name, f"may be {most / 10:g} percent at most")
    return shares


def key(name: str, default: str | None = None) -> bytes:
    """32 bytes from base64; b"" where the default is "" (system checks then say what is missing)."""
    value = text(name, default)
    return _key_bytes(name, value) if value else b""


def keys(name: str, default: str | None = None) -> dict[str, bytes]:
    """Keys by id, the current one first, from "k2:base64,k1:base64"; {} where the default is ""."""
    pairs = [part.partition(":") for part in text(name, default).split(",") if part.strip()]
    found = {key_id.strip(): encoded.strip() for key_id, _, encoded in pairs}
    if len(found) != len(pairs) or not all(re.fullmatch(r"[A-Za-z0-9_-]{1,32}", key_id) for key_id in found):
        raise Misconfigured(name, 'must look like "k2:BASE64,k1:BASE64", each id once')
    return {key_id: _key_bytes(name, encoded) for key_id, encoded in found.items()}


def prefixed(*prefixes: str) -> dict[str, str]:
    """Return every variable that starts with one of the prefixes; secrets from NAME_FILE under their NAME."""
    names = {name.removesuffix("_FILE") for name in os.environ if name.startswith(prefixes)}
    return {name: value for name in sorted(names) if (value := text(name, ""))}


def old_names(renamed: Mapping[str, str]) -> dict[str, str]:
    """Return old name → new name of each variable that is set under its old name alone, which nothing reads any more.

    `renamed`: how old names begin → how their new ones do. No value is read, nor any file that NAME_FILE names.
    """
    present = {name.removesuffix("_FILE") for name, value in os.environ.items() if value.strip()}
    pairs = ((name, old, new) for name in sorted(present) for old, new in renamed.items() if name.startswith(old))
    found = {name: new + name.removeprefix(old) for name, old, new in pairs}
    return {name: new for name, new in found.items() if new not in present}


def database(name: str, default: str | None = None) -> dict[str, Any]:
    """Django's settings of one PostgreSQL database from a URL; its query becomes OPTIONS.

    postgresql://USER:PASSWORD@HOST:PORT/NAME?sslmode=require (reserved characters percent-encoded).
    """
    url = urlsplit(text(name, default))
    if url.scheme not in ("postgres", "postgresql") or not url.path.strip("/"):
        raise Misconfigured(name, "must look like postgresql://USER:PASSWORD@HOST:5432/NAME")
    try:
        port = str(url.port or "")
    except ValueError as error:
        raise Misconfigured(name, "has a port that is no number") from error
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(url.path.strip("/")),
        "USER": unquote(url.username or ""),
        "PASSWORD": unquote(url.password or ""),
        "HOST": unquote(url.hostname or ""),
        "PORT": port,
        "OPTIONS": dict(parse_qsl(url.query, strict_parsing=True)) if url.query else {},
    }


def limited(options: dict[str, str], *, statement: float, lock: float, idle: float) -> dict[str, str]:
    """Options of a connection with which the server ends what takes longer than so many seconds; 0: never.

    As options of the connection they cost no statement. What the URL's own `options` say comes after them and wins.
    """
    seconds = {
        "statement_timeout": statement,
        "lock_timeout": lock,
        "idle_in_transaction_session_timeout": idle,
    }
    ours = " ".join(f"-c {name}={round(value * 1000)}" for name, value in seconds.items() if value)
    return {**options, "options": f"{ours} {options.get('options', '')}".strip()} if ours else options


def broker(name: str, default: str) -> str:
    """Return a broker's address. With rediss:// its certificate is checked unless the address says otherwise: kombu by
    itself would take any, with a warning."""
    url = text(name, default)
    if url.startswith("rediss://") and "ssl_cert_reqs=" not in url:
        return f"{url}{'&' if '?' in url else '?'}ssl_cert_reqs=required"
    return url


def load_local(path: Path) -> None:
    """Take what `./run` wrote for this machine, so that `manage.py` in a second terminal finds its servers.

    What is set already wins. Ignored in production and where LOCAL_ENV=off (the tests set that).
    """
    if os.environ.get("ENVIRONMENT") == "production" or os.environ.get("LOCAL_ENV") == "off":
        return
    if path.is_file():
        kept = parse_lines(path.read_text(encoding="utf-8").splitlines())
        if "DATABASE_URL" in os.environ:
            kept.pop("DATABASE_OWNER_URL", None)  # the owner of another database than the one that is meant
        fresh = {name: value for name, value in kept.items() if name not in os.environ}
        os.environ.update(fresh)
        loaded.update(fresh)


def parse_lines(lines: Iterable[str]) -> dict[str, str]:
    """NAME=value lines as they are, without quoting; empty lines and # comments do not count."""
    pairs = (line.partition("=") for line in lines if line.strip() and not line.startswith("#"))
    return {name.strip(): value.strip() for name, sign, value in pairs if sign}


def _from_file(name: str) -> str:
    file = os.environ.get(f"{name}_FILE", "").strip()
    if not file:
        return ""
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(f"{name}_FILE", f"names a file that cannot be read ({type(error).__name__})") from error


def _key_bytes(name: str, value: str) -> bytes:
    try:
        decoded = base64.b64decode(value, validate=True)
    except binascii.Error as error:
        raise Misconfigured(name, "is not base64") from error
    if len(decoded) != KEY_BYTES:
        raise Misconfigured(name, f"has {len(decoded)} bytes, not {KEY_BYTES}: use `openssl rand -base64 32`")
    return decoded
