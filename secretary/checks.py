"""What production refuses to start with: every message names the variable and the remedy.

They run as Django system checks in production (`migrate`, `check` and `runserver` run them), under `check --deploy`
anywhere, and through `refuse_unsafe_start` where no command runs: the web server's and the workers' entry points.
"""

import base64
import logging
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, InterfaceError

from notifications.channels import registry
from notifications.channels.protocols.solapi import networks
from notifications.delivery.gateways import modules
from payments.billers import registry as billers
from payments.providers import registry as payments
from secretary.env import Misconfigured, old_names
from secretary.kernel.http.standard_webhooks import secret_bytes
from secretary.kernel.korean.korean import missing_from_euc_kr
from secretary.kernel.time.database_clock import ahead_by_a_connection_of_its_own
from subscriptions.identity import registry as identity
from subscriptions.message_templates.links import find_link

logger = logging.getLogger(__name__)
SECRET_KEY_CHARS = 50
SITE_IN_WORDS_CHARS = 28  # beside the longest values of the shipped message templates (docs/adr/0039)
KEY_SETTINGS = ("FIELD_KEYS", "INDEX_KEY", "CHECK_CODE_KEY")
# How names of variables began in 148511c and soon after it → how they do now. Both may be set, as long as there is a
# way back to that release.
RENAMED = {
    "PAYMENT_DESKS": "PAYMENT_BILLERS",
    "DESK_": "BILLER_",
    "PAYMENT_ASK_": "PAYMENT_POLL_",
    "WORDING_VALUE_": "TEMPLATE_VALUE_",
}
NEW_KEY = "Make one with `openssl rand -base64 32`."


def register_checks() -> None:
    register(check_production, "production")
    register(check_deploy, "production", deploy=True)


def check_production(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Return every problem, in production; elsewhere none."""
    return problems() if settings.ENVIRONMENT == "production" else []


def check_deploy(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """`check --deploy` where this is not production yet: what would have to change."""
    if settings.ENVIRONMENT == "production":
        return []
    return [_error(1, "ENVIRONMENT", "is not “production”", "Set ENVIRONMENT=production."), *problems()]


def refuse_unsafe_start() -> None:
    """For entry points that run no system checks. Raises Misconfigured with all that is wrong."""
    found = check_production()
    if found:
        lines = "; ".join(f"{error.msg} {error.hint}" for error in found)
        raise Misconfigured("production", f"cannot start: {lines}")


def refuse_wrong_clock() -> None:
    """Raise Misconfigured where this machine's clock is off the database's by CLOCK_TOLERANCE_SECONDS or more.

    While the database is away there is nothing to compare with: the sweep and /readyz go on comparing.
    """
    try:
        ahead = ahead_by_a_connection_of_its_own().total_seconds()
    except (DatabaseError, InterfaceError) as error:
        logger.warning("this machine's clock was not compared with the database's: %s", type(error).__name__)
        return
    if abs(ahead) >= settings.CLOCK_TOLERANCE_SECONDS:
        raise Misconfigured(
            "clock", f"of this machine is {ahead:+.0f} s off the database's clock: correct it and start again"
        )


def problems() -> list[CheckMessage]:
    parts: Sequence[Callable[[], Iterator[CheckMessage]]] = (
        *(_secret_key, _keys, _web, _adapters, _identity),
        *(_payments, _billers, _callback_networks, _renamed, _alarms),
    )
    return [problem for part in parts for problem in part()]


def _secret_key() -> Iterator[CheckMessage]:
    remedy = "Make one with `openssl rand -base64 60`, or point SECRET_KEY_FILE to a file that holds one."
    try:
        secret = settings.SECRET_KEY
    except ImproperlyConfigured:
        secret = ""
    if not secret:
        yield _error(2, "SECRET_KEY", "is not set", remedy)
    elif len(secret) < SECRET_KEY_CHARS or secret.startswith(("local-", "django-insecure-")):
        yield _error(3, "SECRET_KEY", "is short, or the one of a local installation", remedy)


def _keys() -> Iterator[CheckMessage]:
    local = base64.b64decode(settings.LOCAL_KEY)
    values: dict[str, list[bytes]] = {
        name: list(value.values()) if isinstance(value := getattr(settings, name), dict) else [value]
        for name in KEY_SETTINGS
    }
    for name, keys in values.items():
        if not any(keys):
            yield _error(4, name, "is not set", NEW_KEY)
        elif local in keys:
            yield _error(5, name, "is the key that every local installation has", NEW_KEY)
    used = [key for keys in values.values() for key in keys if key and key != local]
    if len(set(used)) != len(used):
        yield _error(6, ", ".join(KEY_SETTINGS), "share a key", f"Give each its own. {NEW_KEY}")


def _web() -> Iterator[CheckMessage]:
    if settings.DEBUG:
        yield _error(7, "DEBUG", "is on: error pages would show settings and data", "Remove DEBUG.")
    hosts = settings.ALLOWED_HOSTS
    host = urlsplit(settings.PUBLIC_BASE_URL).hostname or ""
    if not hosts or "*" in hosts:
        yield _error(8, "ALLOWED_HOSTS", "is empty or “*”", "List the names under which people reach the site.")
    elif not any(host == name or (name.startswith(".") and host.endswith(name)) for name in hosts):
        remedy = "Add the host of PUBLIC_BASE_URL."
        yield _error(9, "ALLOWED_HOSTS", f"does not hold {host!r}", remedy)
    if not settings.PUBLIC_BASE_URL.startswith("https://"):
        remedy = "Write the address under which people and gateways reach us, with https://."
        yield _error(10, "PUBLIC_BASE_URL", "is not https", remedy)
    elif settings.TRUSTED_PROXIES < 1:
        remedy = (
            "Set it to the number of proxies in front (1 for one that ends TLS): they say that a visitor uses https."
        )
        yield _error(30, "TRUSTED_PROXIES", "is 0: behind a proxy that ends TLS every page redirects to itself", remedy)
    if settings.APPROVER_WAIT_HOURS < 1:
        remedy = "Remove it: a new account approves nothing for three days."
        yield _error(31, "APPROVER_WAIT_HOURS", "is 0: an account could approve as soon as it is made", remedy)
    for language, words in settings.SITE_IN_WORDS.items():
        name = f"SITE_IN_WORDS_{language.upper()}"
        odd = missing_from_euc_kr(words) or any(sign in words for sign in "#{}\n")
        if not words or len(words) > SITE_IN_WORDS_CHARS or odd or find_link(words):
            remedy = f"At most {SITE_IN_WORDS_CHARS} characters, as it is read out: “secretary 점 example 점 kr”."
            yield _error(33, name, "is too long, a link to a phone, or no text for a message", remedy)
    if settings.ALLOW_PRIVATE_ADDRESSES:
        remedy = "Remove it: feeds may only read public addresses."
        yield _error(11, "ALLOW_PRIVATE_ADDRESSES", "is on", remedy)
    if not settings.STAFF_TOTP_REQUIRED:
        yield _error(12, "STAFF_TOTP_REQUIRED", "is off", "Remove it: staff sign in with a second factor.")


def _adapters() -> Iterator[CheckMessage]:
    """Yield what the gateways in use lack, by `env_names` of each adapter; values are never shown."""
    for channel, module in ((code, name) for code in settings.CHANNELS for name in modules(code)):
        variable = f"CHANNEL_{channel.upper()}"
        try:
            missing = registry.missing(module, settings.ADAPTER_CONFIG)
        except LookupError as error:
            yield _error(13, variable, str(error.args[0]), "Name one of these modules.")
            continue
        for name in missing:
            yield _error(14, name, f"is not set, and {channel} ({module}) needs it", f"Set {name}, or {name}_FILE.")
        kind = registry.adapters()[module]
        if len(modules(channel)) > 1 and kind.channel != channel:
            remedy = "Name modules of that channel."
            yield _error(37, variable, f"names {module} among several, which carries {kind.channel}", remedy)


def _callback_networks() -> Iterator[CheckMessage]:
    """Yield unreadable networks: a typing mistake here would refuse every receipt."""
    try:
        networks(settings.ADAPTER_CONFIG.get("SOLAPI_WEBHOOK_NETWORKS", ""))
    except ValueError as error:
        remedy = "Write networks like 192.0.2.0/24, comma-separated, with no host part."
        yield _error(23, "SOLAPI_WEBHOOK_NETWORKS", f"cannot be read: {error}", remedy)


def _identity() -> Iterator[CheckMessage]:
    try:
        identity.build(settings.IDENTITY_PROVIDER, settings.ADAPTER_CONFIG)
    except identity.UnknownProvider as error:
        yield _error(15, "IDENTITY_PROVIDER", str(error.args[0]), "Name one of these modules.")
    except identity.MissingSetting as error:
        name = str(error.args[0])
        yield _error(16, name, "is not set, and identity verification needs it", f"Set {name}, or {name}_FILE.")


def _payments() -> Iterator[CheckMessage]:
    """Yield what the payment providers in use lack, and test keys, with which no fine would be paid."""
    for name in settings.PAYMENT_PROVIDERS:
        if name in payments.ports():
            remedy = "Remove it: its protocol is not published (payments/providers/giro.py)."
            yield _error(17, "PAYMENT_PROVIDERS", f"names {name}, which is a port without an adapter", remedy)
        elif name not in payments.providers():
            yield _error(18, "PAYMENT_PROVIDERS", f"names {name}", f"Name some of {sorted(payments.providers())}.")
        else:
            yield from _provider(name)


def _provider(name: str) -> Iterator[CheckMessage]:
    for variable in payments.missing(name, settings.ADAPTER_CONFIG):
        remedy = f"Set {variable}, or {variable}_FILE."
        yield _error(19, variable, f"is not set, and paying through {name} needs it", remedy)
    for variable in payments.test_settings(name, settings.ADAPTER_CONFIG):
        yield _error(20, variable, "is one of the vendor's test values: no money would move", "Set the real one.")


def _billers() -> Iterator[CheckMessage]:
    """Yield what the billers lack that are polled before a payment and notified after it."""
    for agency, protocol in settings.PAYMENT_BILLERS.items():
        try:
            missing = billers.missing(protocol, settings.ADAPTER_CONFIG, agency_code=agency)
        except LookupError as error:
            yield _error(21, "PAYMENT_BILLERS", str(error.args[0]), "Name one of these modules.")
            continue
        for name in missing:
            remedy = (
                f"Set {name}, or {name}_FILE; or take {agency} out of PAYMENT_BILLERS: then it cannot be paid here."
            )
            yield _error(22, name, f"is not set, and the biller of {agency} needs it", remedy)


def _renamed() -> Iterator[CheckMessage]:
    """Yield what is set under a name that nothing reads any more: its default would stand in its place unnoticed."""
    for old, new in old_names(RENAMED).items():
        remedy = f"Set {new}; {old} may stay beside it while there is a way back to the release that reads it."
        yield _error(32, old, f"is not read any more: it is {new} now, which is not set", remedy)


def _alarms() -> Iterator[CheckMessage]:
    """Yield what would keep alarms from those who are to hear of them."""
    ways = {each["way"] for each in settings.ALARM_RECIPIENTS}
    plain = [each for each in settings.ALARM_RECIPIENTS if each["address"].startswith("http://")]
    if plain:
        yield _error(34, "ALARM_RECIPIENTS", "names a webhook without https", "Write its address with https://.")
    if "mail" in ways and not (settings.EMAIL_HOST and settings.DEFAULT_FROM_EMAIL):
        yield _error(35, "SMTP_URL", "or MAIL_FROM is not set, and ALARM_RECIPIENTS names a mail address", "Set both.")
    if "webhook" in ways:
        try:
            secret_bytes(settings.ALARM_WEBHOOK_SECRET)
        except ValueError as error:
            remedy = 'Make one with: echo "whsec_$(openssl rand -base64 32)".'
            yield _error(36, "ALARM_WEBHOOK_SECRET", f"does not sign the webhooks of alarms: {error}", remedy)


def _error(number: int, name: str, what: str, remedy: str) -> Error:
    return Error(f"{name} {what}.", hint=f"{remedy} See .env.example.", id=f"secretary.E{number:03d}")
