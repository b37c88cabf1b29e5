"""Read all settings from the environment, in one file (`.env.example` names and explains each variable)."""

import base64
import gc
import os
from pathlib import Path
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _

from secretary import env
from secretary.setting_groups import databases
from secretary.setting_groups.alarms import *  # noqa: F403  (settings)
from secretary.setting_groups.attempt_limits import attempt_limits
from secretary.setting_groups.delivery_hours import *  # noqa: F403  (settings)
from secretary.setting_groups.family import *  # noqa: F403  (settings)
from secretary.setting_groups.kept_days import *  # noqa: F403  (settings)
from secretary.setting_groups.logs import logging_settings
from secretary.setting_groups.middleware import *  # noqa: F403  (settings)
from secretary.setting_groups.outages import *  # noqa: F403  (settings)
from secretary.setting_groups.payments import *  # noqa: F403  (settings)
from secretary.setting_groups.signing_in import *  # noqa: F403  (settings)

# Imports leave no garbage; collecting during them would take a third of a process's start.
gc.disable()  # until all applications are ready (secretary/ops/apps.py)

BASE_DIR = Path(__file__).resolve().parent.parent
env.load_local(BASE_DIR / "var" / "local.env")

# ── What kind of installation this is ────────────────────────────────────────────────────────────────────────
ENVIRONMENT = env.text("ENVIRONMENT", "local")  # local | production; production refuses unsafe values
DEBUG = env.boolean("DEBUG", False)
SECRET_KEY = env.text("SECRET_KEY", "local-only-not-secret" if ENVIRONMENT == "local" else "")
ALLOWED_HOSTS = env.listing("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
PUBLIC_BASE_URL = env.text("PUBLIC_BASE_URL", "http://127.0.0.1:8000")  # how gateways and people reach us
_host = urlsplit(PUBLIC_BASE_URL).hostname or ""
# The site's address in notices, in words that a person reads out and types: phones turn it into no link.
SITE_IN_WORDS = {
    "ko": env.text("SITE_IN_WORDS_KO", _host.replace(".", " 점 ")),
    "en": env.text("SITE_IN_WORDS_EN", _host.replace(".", " dot ")),
}
# Gateways call this address: the receiver (secretary/receiver.py), or the web application, which answers alike.
CALLBACK_BASE_URL = env.text("CALLBACK_BASE_URL", PUBLIC_BASE_URL)
CSRF_TRUSTED_ORIGINS = env.listing("CSRF_TRUSTED_ORIGINS", PUBLIC_BASE_URL)
TRUSTED_PROXIES = env.integer("TRUSTED_PROXIES", 0, least=0)  # proxies in front; 0: X-Forwarded-For is ignored
OFFICIAL_SITE = env.boolean("OFFICIAL_SITE", False)  # the e-government banner is for official sites only
RUN_TOKEN = env.text("RUN_TOKEN", "")  # ./run recognises its own servers by it; "" if it did not start them
SANDBOX_URL = env.text("SANDBOX_URL", "")  # "" without a sandbox: no demo banner

LOCAL_KEY = base64.b64encode(b"local-development-only-32-bytes!").decode()
FIELD_KEYS = env.keys("FIELD_KEYS", f"local:{LOCAL_KEY}" if ENVIRONMENT == "local" else "")
INDEX_KEY = env.key("INDEX_KEY", LOCAL_KEY if ENVIRONMENT == "local" else "")
CHECK_CODE_KEY = env.key("CHECK_CODE_KEY", LOCAL_KEY if ENVIRONMENT == "local" else "")

# ── Parts ────────────────────────────────────────────────────────────────────────────────────────────────────
INSTALLED_APPS = [
    "secretary.admin_site.SecretaryAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "pgtrigger",
    "pghistory",
    "crispy_forms",
    "django_htmx",
    "secretary.sign_in_attempts.SignInAttemptsConfig",
    "django_otp",
    "django_otp.plugins.otp_totp",  # the table of the last release, until the next one
    "django_prometheus",
    "secretary.kernel",
    *(["secretary.local"] if ENVIRONMENT == "local" else []),  # not even in the image of production
    "secretary.ops",
    "subscriptions",
    "subscriptions.web",
    "notifications",
    "payments",
    "citizens",
]
ROOT_URLCONF = "secretary.urls"
WSGI_APPLICATION = "secretary.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": ["secretary.kernel.quick_templates.loader.Loader"],  # ours, then those of the apps
            "builtins": ["secretary.kernel.templatetags.kept"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "subscriptions.web.context.site",
            ],
        },
    }
]
FORM_RENDERER = "secretary.kernel.plain_widgets.PlainWidgets"
CRISPY_ALLOWED_TEMPLATE_PACKS = ["krds"]
CRISPY_TEMPLATE_PACK = "krds"

# ── Data ─────────────────────────────────────────────────────────────────────────────────────────────────────
DATABASES = {"default": databases.application(), **databases.replica()}
REPLICA_URL, REPLICA_LAG_SECONDS = env.text("REPLICA_URL", ""), env.number("REPLICA_LAG_SECONDS", 10.0)
# The role names stay the same while a command works as the owner (secretary/ops/owner.py).
DATABASE_APPLICATION_ROLE: str = DATABASES["default"]["USER"]
DATABASE_OWNER, DATABASE_POOLED = databases.owner(), databases.pooled()  # for `migrate`; PgBouncer is in front
DATABASE_READER_ROLE = env.text("DATABASE_READER_ROLE", "reader")  # may only read
DATABASE_READER_PASSWORD = env.text("DATABASE_READER_PASSWORD", "")
AUDIT_SEAL_ALARM_MINUTES = env.integer("AUDIT_SEAL_ALARM_MINUTES", 5)  # lines are sealed within 15 s (SWEEP_SECONDS)
# The newest seal is logged each hour and also sent to a file (on another machine, or write-once) and an address.
AUDIT_HEAD_FILE, AUDIT_HEAD_URL = env.text("AUDIT_HEAD_FILE", ""), env.text("AUDIT_HEAD_URL", "")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = env.broker("REDIS_URL", "redis://127.0.0.1:6379/0")
# Sessions and limits are in the database: losing the broker ends no session and lifts no limit.
SESSION_ENGINE = "django.contrib.sessions.backends.db"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# ── People ───────────────────────────────────────────────────────────────────────────────────────────────────
LANGUAGE_CODE = "ko"
LANGUAGES = [("ko", _("Korean")), ("en", _("English"))]
LOCALE_PATHS, FORMAT_MODULE_PATH = [BASE_DIR / "locale"], "secretary.formats"
TIME_ZONE = "Asia/Seoul"
USE_TZ = True
AUTHENTICATION_BACKENDS = [
    "subscriptions.accounts.sign_in_limits.LimitsBackend",
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LOGIN_URL = "officials:login"
AXES_FAILURE_LIMIT = env.integer("LOGIN_FAILURE_LIMIT", 5)  # then locked out for LOGIN_COOLOFF_MINUTES
AXES_COOLOFF_TIME = env.minutes("LOGIN_COOLOFF_MINUTES", 15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS, AXES_VERBOSE = True, False
STAFF_TOTP_REQUIRED = env.boolean("STAFF_TOTP_REQUIRED", ENVIRONMENT == "production")
AXES_CLIENT_IP_CALLABLE = "subscriptions.web.addresses.client_address"
AXES_LOCKOUT_CALLABLE = "subscriptions.web.staff.locked.locked"
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # the page says when the lock ends
STAFF_SESSION_HOURS = env.integer("STAFF_SESSION_HOURS", 9)  # a working day; then staff of both sites sign in again
# A new or changed account may approve only after so long: a weekend, so that others can see it on the trail first.
APPROVER_WAIT_HOURS = env.integer("APPROVER_WAIT_HOURS", 0 if ENVIRONMENT == "local" else 72, least=0)
STAFF_ENROL_DAYS = env.integer("STAFF_ENROL_DAYS", 14)  # for the first sign-in, which sets up an authenticator
STAFF_TOTP_ISSUER = "Public Secretary"  # our name in an authenticator app
# Public holidays that the calendar package does not know yet, besides those entered in the admin.
EXTRA_HOLIDAYS = env.days("EXTRA_HOLIDAYS")
SENIOR_MINIMUM_AGE = env.integer("SENIOR_MINIMUM_AGE", 75)  # 만 나이 from which an official may register on paper
ATTEMPT_LIMITS = attempt_limits()

# ── Safety of the web ────────────────────────────────────────────────────────────────────────────────────────
_https = PUBLIC_BASE_URL.startswith("https://")
SECURE_SSL_REDIRECT = _https
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 31_536_000 if _https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = _https
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _https
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = ("__Host-session", "__Host-csrf") if _https else ("session", "csrf")
LANGUAGE_COOKIE_HTTPONLY, LANGUAGE_COOKIE_SECURE = True, _https
SESSION_COOKIE_AGE = env.integer("SESSION_SECONDS", 30 * 60)  # idle limit; ISMS-P guides say 10–30 minutes
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        **{name: ["'none'"] for name in ("default-src", "frame-ancestors", "base-uri")},
        **{name: ["'self'"] for name in ("style-src", "script-src", "font-src", "connect-src", "form-action")},
        "img-src": ["'self'", "data:"],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = env.integer("MAX_BODY_BYTES", 5_000_000)  # a push of 1,000 records is about 500 kB
# Files that officials upload hold personal data: they stay in memory and are never written to a disk in clear. A larger
# file is skipped and refused (subscriptions/web/officials/lists.py).
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
FILE_UPLOAD_MAX_MEMORY_SIZE = 10_100_000  # a list of seniors and the parts around it

# ── Static files ─────────────────────────────────────────────────────────────────────────────────────────────
STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT: Path | None = BASE_DIR / "static-collected"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
if ENVIRONMENT == "local":
    STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    WHITENOISE_USE_FINDERS = True
    STATIC_ROOT = None  # served from where they are written; nothing to collect

# ── Work in the background ──────────────────────────────────────────────────────────────────────────────────
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SOFT_TIME_LIMIT, CELERY_TASK_TIME_LIMIT = 45, 60
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 300,
    "socket_timeout": 3,
    "socket_connect_timeout": 3,
    "health_check_interval": 5,
    # In a worker with several queues urgent messages come first, and the other queues are served too.
    "queue_order_strategy": "secretary.celery:UrgentFirst",
    # If a message cannot be sent at once, nothing waits for it: the sweeper finds the work.
    "max_retries": 1,
    **dict.fromkeys(("interval_start", "interval_step", "interval_max"), 0),
}
CELERY_TASK_PUBLISH_RETRY = False  # the sweeper finds what a lost message would have started
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
# On SIGTERM a worker accepts no more tasks and finishes those it has, within the time limit; docker-compose.yml
# waits for 75 s. No soft shutdown: docs/adr/0027-how-workers-end.md
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_MAX_TASKS_PER_CHILD = 1000
CELERY_TASK_DEFAULT_QUEUE = "notices"
CELERY_TASK_CREATE_MISSING_QUEUES = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULE_FILENAME = str(BASE_DIR / "var" / "celerybeat-schedule")
CELERY_BEAT_MAX_LOOP_INTERVAL = 5

# ── The pipeline of notices ────────────────────────────────────────────────────────────────────────────
CLAIM_BATCH = env.integer("CLAIM_BATCH", 500)  # notices claimed at a time: 500 was the measured optimum
LEASE_SECONDS = env.integer("LEASE_SECONDS", 60)  # longer than any HTTP time-out and the task limit of 45 s
MAX_ATTEMPTS = env.integer("MAX_ATTEMPTS", 8)  # tries on one channel, about 4 h with the back-off below
MAX_CRASHES = env.integer("MAX_CRASHES", 3)  # leases that expired: then a person must look at the notice
RETRY_BASE_SECONDS, RETRY_MAX_SECONDS = env.integer("RETRY_BASE_SECONDS", 30), env.integer("RETRY_MAX_SECONDS", 3600)
RECEIPT_WAIT_SECONDS = env.integer("RECEIPT_WAIT_SECONDS", 300)  # then the gateway is polled
UNKNOWN_WAIT_SECONDS = env.integer("UNKNOWN_WAIT_SECONDS", 60)  # gateways list a message within seconds
RECEIPT_GIVE_UP_HOURS = env.integer("RECEIPT_GIVE_UP_HOURS", 80)  # Kakao: results up to 3 days late
UNREACHED_ALARM_PEOPLE = env.integer("UNREACHED_ALARM_PEOPLE", 1)  # the alarm `unreached` from so many people on
# Enough time for each channel, phones that were off and late reports, and before most appointments.
CALL_LIST_DAYS = env.integer("CALL_LIST_DAYS", 2)
# Of 3,000 records about random people, six on average match if 100,000 are enrolled; none match once in 400 times.
FEED_STRANGERS_ALARM = env.integer("FEED_STRANGERS_ALARM", 3000, least=0)  # 0: none
HTTP_CONNECT_SECONDS, HTTP_TOTAL_SECONDS = (
    env.number("HTTP_CONNECT_SECONDS", 3.0),
    env.number("HTTP_TOTAL_SECONDS", 10.0),
)
HTTP_BATCH_SECONDS = env.number("HTTP_BATCH_SECONDS", 25.0)  # after it nothing new of a batch is started
# A new connection costs the database as much as 150 notices, so it is kept while a quick gateway answers.
HTTP_PATIENCE_SECONDS = env.number("HTTP_PATIENCE_SECONDS", 0.2, or_zero=True)
SETTLE_SECONDS = env.number(
    "SETTLE_SECONDS", 30.0
)  # after that, a gateway that does not list a message never received it
CLOCK_TOLERANCE_SECONDS = env.number(
    "CLOCK_TOLERANCE_SECONDS", 30.0
)  # a process does not start with a larger difference
SWEEP_SECONDS = env.number("SWEEP_SECONDS", 15.0)
REFERENCE_PREFIX = env.text("REFERENCE_PREFIX", "ps")  # distinguishes installations that share a vendor account
EMAIL_TIMEOUT = 10  # seconds for the mail server that carries alarms (setting_groups/alarms.py)
DATA_GO_KR_HOSTS = env.listing("DATA_GO_KR_HOSTS", "apis.data.go.kr,api.odcloud.kr")  # may get the service key
MAX_RECORDS_PER_PUSH = env.integer("MAX_RECORDS_PER_PUSH", 1000)
WEBHOOK_TOLERANCE_SECONDS = env.integer("WEBHOOK_TOLERANCE_SECONDS", 300)
WEBHOOK_MAX_BYTES = env.integer("WEBHOOK_MAX_BYTES", 2_000_000)
INGEST_BATCH = env.integer("INGEST_BATCH", 5000)
# NHN's limit for new accounts; 0: none (any more)
KAKAOTALK_VALUE_CHARS = env.integer("KAKAOTALK_VALUE_CHARS", 0, least=0)
FILE_DROP_ROOT = Path(env.text("FILE_DROP_ROOT", str(BASE_DIR / "var" / "sandbox" / "drop")))
ALLOW_PRIVATE_ADDRESSES = env.boolean("ALLOW_PRIVATE_ADDRESSES", ENVIRONMENT == "local")
TEMPLATE_CONSOLE_URL = env.text("TEMPLATE_CONSOLE_URL", "")  # accepts templates for vendors that have no API

# Which gateway carries which channel; the names are modules of notifications/channels.
CHANNELS = {
    "kakaotalk": env.text("CHANNEL_KAKAOTALK", "nhn_alimtalk"),
    "naver": env.text("CHANNEL_NAVER", "solapi_smart_notification"),
    "toss": env.text("CHANNEL_TOSS", "apps_in_toss"),
    "sms": env.text("CHANNEL_SMS", "twilio_sms"),
}
ADAPTER_CONFIG = env.prefixed(
    *("TWILIO_", "NHN_", "SOLAPI_", "SENS_", "APPS_IN_TOSS_", "PORTONE_", "DATA_GO_KR_", "AGENCY_PUSH_"),
    *("TOSS_PAYMENTS_", "KAKAOPAY_", "NAVERPAY_", "BILLER_"),
)

# ── Logs: structured, without personal data ──────────────────────────────────────────────────────────────────
LOGGING = logging_settings(level=env.text("LOG_LEVEL", "INFO"), json=ENVIRONMENT == "production")
SILENCED_SYSTEM_CHECKS: list[str] = []
PROMETHEUS_EXPORT_MIGRATIONS = False
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "secretary.settings")
