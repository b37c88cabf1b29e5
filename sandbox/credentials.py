"""The sandbox's keys: constants that are obviously fake, and the environment that points the product at it.

The product never imports this. `python -m sandbox credentials` prints `NAME=value` lines for a process
manager.
"""

from pathlib import Path

TWILIO_ACCOUNT_SID = "AC" + "0" * 28 + "5a5a"
TWILIO_AUTH_TOKEN = "sandbox-twilio-auth-token"  # noqa: S105
TWILIO_FROM = "+15005550006"  # Twilio's own magic "valid sender" of its test credentials

NHN_APP_KEY = "sandboxNhnAppKey"
NHN_SECRET_KEY = "sandbox-nhn-secret"  # noqa: S105
NHN_SENDER_KEY = "sandbox" + "0" * 33  # a sender key has 40 characters
NHN_WEBHOOK_SECRET = "sandbox-nhn-webhook-signature"  # noqa: S105

SOLAPI_API_KEY = "NCSSANDBOX000000"
SOLAPI_API_SECRET = "SANDBOX" + "0" * 25
SOLAPI_TALK_ID = "sandbox-naver-talk"
SOLAPI_SENDER = "0210000000"
SOLAPI_WEBHOOK_SECRET = "sandbox-solapi-webhook-secret"  # noqa: S105

PORTONE_API_SECRET = "sandbox-portone-api-secret"  # noqa: S105
PORTONE_STORE_ID = "store-00000000-0000-0000-0000-000000005a5a"
PORTONE_CHANNEL_KEY = "channel-key-00000000-0000-0000-0000-000000005a5a"

DATA_GO_KR_SERVICE_KEY = "sandbox+service/key=="  # as data.go.kr's: its encoded form differs from the plain one

AGENCY_PUSH_KEY_ID = "knpa-sandbox-1"
AGENCY_PUSH_SECRET = "whsec_c2FuZGJveC1rbnBhLXB1c2gtc2VjcmV0LTAwMDAwMDE="  # noqa: S105


def environment(*, host: str, port: int, tls_port: int, data: Path) -> dict[str, str]:
    """What the product needs in its environment to talk to a sandbox on `host`:`port` with its files in `data`."""
    base = f"http://{host}:{port}"
    return {
        "SANDBOX_URL": base,
        **_gateways(base, f"https://{host}:{tls_port}", data.resolve()),
        "PORTONE_BASE_URL": base,
        "PORTONE_API_SECRET": PORTONE_API_SECRET,
        "PORTONE_STORE_ID": PORTONE_STORE_ID,
        "PORTONE_CHANNEL_KEY": PORTONE_CHANNEL_KEY,
        "TEMPLATE_CONSOLE_URL": f"{base}/console/templates",
        "DATA_GO_KR_BASE_URL": f"{base}/agencies",
        "DATA_GO_KR_SERVICE_KEY": DATA_GO_KR_SERVICE_KEY,
        "AGENCY_PUSH_KEY_ID": AGENCY_PUSH_KEY_ID,
        "AGENCY_PUSH_SECRET": AGENCY_PUSH_SECRET,
        "FILE_DROP_DIR": str(data.resolve() / "drop"),
    }


def _gateways(base: str, tls_base: str, data: Path) -> dict[str, str]:
    return {
        "TWILIO_ACCOUNT_SID": TWILIO_ACCOUNT_SID,
        "TWILIO_AUTH_TOKEN": TWILIO_AUTH_TOKEN,
        "TWILIO_FROM": TWILIO_FROM,
        "TWILIO_BASE_URL": base,
        "NHN_APP_KEY": NHN_APP_KEY,
        "NHN_SECRET_KEY": NHN_SECRET_KEY,
        "NHN_SENDER_KEY": NHN_SENDER_KEY,
        "NHN_WEBHOOK_SECRET": NHN_WEBHOOK_SECRET,
        "NHN_BASE_URL": base,
        "SOLAPI_API_KEY": SOLAPI_API_KEY,
        "SOLAPI_API_SECRET": SOLAPI_API_SECRET,
        "SOLAPI_TALK_ID": SOLAPI_TALK_ID,
        "SOLAPI_SENDER": SOLAPI_SENDER,
        "SOLAPI_WEBHOOK_SECRET": SOLAPI_WEBHOOK_SECRET,
        "SOLAPI_BASE_URL": base,
        "APPS_IN_TOSS_CERT": str(data / "tls" / "client.pem"),
        "APPS_IN_TOSS_KEY": str(data / "tls" / "client.key"),
        "APPS_IN_TOSS_CA": str(data / "tls" / "ca.pem"),
        "APPS_IN_TOSS_BASE_URL": tls_base,
    }
