"""List the sandbox's keys, obviously fake constants, and the environment that points the product at it.

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

NHN_SMS_APP_KEY = "sandboxNhnSmsAppKey"
NHN_SMS_SECRET_KEY = "sandbox-nhn-sms-secret"  # noqa: S105
NHN_SMS_SENDER = "0210000000"
NHN_SMS_WEBHOOK_SECRET = "sandbox-nhn-sms-webhook-signature"  # noqa: S105

SENS_ACCESS_KEY = "SANDBOXSENSACCESSKEY"
SENS_SECRET_KEY = "sandbox-sens-secret-key"  # noqa: S105
SENS_SMS_SERVICE_ID = "ncp:sms:kr:000000000000:sandbox"
SENS_ALIMTALK_SERVICE_ID = "ncp:kkobizmsg:kr:0000000:sandbox"
SENS_SENDER = "0210000000"
SENS_PLUS_FRIEND_ID = "@sandbox"

SOLAPI_API_KEY = "NCSSANDBOX000000"
SOLAPI_API_SECRET = "SANDBOX" + "0" * 25
SOLAPI_TALK_ID = "sandbox-naver-talk"
SOLAPI_PF_ID = "KA01PFSANDBOX0000000000000000000"
SOLAPI_SENDER = "0210000000"
SOLAPI_WEBHOOK_SECRET = "sandbox-solapi-webhook-secret"  # noqa: S105

PORTONE_API_SECRET = "sandbox-portone-api-secret"  # noqa: S105
PORTONE_STORE_ID = "store-00000000-0000-0000-0000-000000005a5a"
PORTONE_CHANNEL_KEY = "channel-key-00000000-0000-0000-0000-000000005a5a"

# The vendors' own forms of test credentials, so that production refuses them.
TOSS_PAYMENTS_SECRET_KEY = "test_sk_sandbox000000000000000000000"  # noqa: S105
TOSS_PAYMENTS_CLIENT_KEY = "test_ck_sandbox000000000000000000000"
KAKAOPAY_SECRET_KEY = "DEVSANDBOX0000000000"  # noqa: S105
KAKAOPAY_CID = "TC0ONETIME"  # KakaoPay's own for tests
NAVERPAY_CLIENT_ID = "sandbox-naverpay-client"
NAVERPAY_CLIENT_SECRET = "sandbox-naverpay-secret"  # noqa: S105
APPS_IN_TOSS_DECRYPTION_KEY = "c2FuZGJveC1vZi10b3NzLWZha2Uta2V5LTMyLWJ5dGU="
APPS_IN_TOSS_AAD = "TOSS"
APPS_IN_TOSS_CALLBACK_AUTH = "toss:sandbox-unlink"
NAVERPAY_CHAIN_ID = "sandbox-naverpay-chain"
NAVERPAY_PARTNER_ID = "np_sandbox000000"

DATA_GO_KR_SERVICE_KEY = "sandbox+service/key=="  # as data.go.kr's: its encoded form differs from the plain one

AGENCY_PUSH_KEY_ID = "knpa-sandbox-1"
AGENCY_BILLER_SECRET = "whsec_c2FuZGJveC1hZ2VuY3ktZGVzay1zZWNyZXQtMDAwMDAx"  # noqa: S105
AGENCY_PUSH_SECRET = "whsec_c2FuZGJveC1rbnBhLXB1c2gtc2VjcmV0LTAwMDAwMDE="  # noqa: S105


def environment(*, host: str, port: int, tls_port: int, data: Path) -> dict[str, str]:
    """Return what the product needs in its environment to talk to a sandbox on `host`:`port` with its files in
    `data`."""
    base = f"http://{host}:{port}"
    return {
        "SANDBOX_URL": base,
        **_gateways(base, f"https://{host}:{tls_port}", data.resolve()),
        "PORTONE_BASE_URL": base,
        "PORTONE_API_SECRET": PORTONE_API_SECRET,
        "PORTONE_STORE_ID": PORTONE_STORE_ID,
        "PORTONE_CHANNEL_KEY": PORTONE_CHANNEL_KEY,
        **_payments(base),
        "TEMPLATE_CONSOLE_URL": f"{base}/console/templates",
        "DATA_GO_KR_BASE_URL": f"{base}/agencies",
        "DATA_GO_KR_SERVICE_KEY": DATA_GO_KR_SERVICE_KEY,
        "AGENCY_PUSH_KEY_ID": AGENCY_PUSH_KEY_ID,
        "AGENCY_PUSH_SECRET": AGENCY_PUSH_SECRET,
        "BILLER_KNPA_URL": f"{base}/agencies/knpa/biller/v1",
        "BILLER_KNPA_SECRET": AGENCY_BILLER_SECRET,
        "FILE_DROP_DIR": str(data.resolve() / "drop"),
    }


def _payments(base: str) -> dict[str, str]:
    return {
        "TOSS_PAYMENTS_SECRET_KEY": TOSS_PAYMENTS_SECRET_KEY,
        "TOSS_PAYMENTS_CLIENT_KEY": TOSS_PAYMENTS_CLIENT_KEY,
        "TOSS_PAYMENTS_BASE_URL": base,
        "TOSS_PAYMENTS_SCRIPT_URL": f"{base}/v2/standard",
        "TOSS_PAYMENTS_ORIGINS": base,
        "KAKAOPAY_SECRET_KEY": KAKAOPAY_SECRET_KEY,
        "KAKAOPAY_CID": KAKAOPAY_CID,
        "KAKAOPAY_BASE_URL": base,
        "NAVERPAY_CLIENT_ID": NAVERPAY_CLIENT_ID,
        "NAVERPAY_CLIENT_SECRET": NAVERPAY_CLIENT_SECRET,
        "NAVERPAY_CHAIN_ID": NAVERPAY_CHAIN_ID,
        "NAVERPAY_PARTNER_ID": NAVERPAY_PARTNER_ID,
        "NAVERPAY_BASE_URL": base,
        "NAVERPAY_PAGE_URL": base,
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
        **_korean_text_messages(base),
        "SOLAPI_API_KEY": SOLAPI_API_KEY,
        "SOLAPI_API_SECRET": SOLAPI_API_SECRET,
        "SOLAPI_TALK_ID": SOLAPI_TALK_ID,
        "SOLAPI_PF_ID": SOLAPI_PF_ID,
        "SOLAPI_SENDER": SOLAPI_SENDER,
        "SOLAPI_WEBHOOK_SECRET": SOLAPI_WEBHOOK_SECRET,
        "SOLAPI_BASE_URL": base,
        "APPS_IN_TOSS_CERT": str(data / "tls" / "client.pem"),
        "APPS_IN_TOSS_KEY": str(data / "tls" / "client.key"),
        "APPS_IN_TOSS_CA": str(data / "tls" / "ca.pem"),
        "APPS_IN_TOSS_BASE_URL": tls_base,
        "APPS_IN_TOSS_DECRYPTION_KEY": APPS_IN_TOSS_DECRYPTION_KEY,
        "APPS_IN_TOSS_AAD": APPS_IN_TOSS_AAD,
        "APPS_IN_TOSS_MINI_APP_URL": f"{base}/toss/mini-app/",
        "APPS_IN_TOSS_CALLBACK_AUTH": APPS_IN_TOSS_CALLBACK_AUTH,
    }


def _korean_text_messages(base: str) -> dict[str, str]:
    return {
        "NHN_SMS_APP_KEY": NHN_SMS_APP_KEY,
        "NHN_SMS_SECRET_KEY": NHN_SMS_SECRET_KEY,
        "NHN_SMS_SENDER": NHN_SMS_SENDER,
        "NHN_SMS_WEBHOOK_SECRET": NHN_SMS_WEBHOOK_SECRET,
        "NHN_SMS_BASE_URL": base,
        "SENS_ACCESS_KEY": SENS_ACCESS_KEY,
        "SENS_SECRET_KEY": SENS_SECRET_KEY,
        "SENS_SMS_SERVICE_ID": SENS_SMS_SERVICE_ID,
        "SENS_ALIMTALK_SERVICE_ID": SENS_ALIMTALK_SERVICE_ID,
        "SENS_SENDER": SENS_SENDER,
        "SENS_PLUS_FRIEND_ID": SENS_PLUS_FRIEND_ID,
        "SENS_BASE_URL": base,
    }
