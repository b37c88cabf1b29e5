"""Sign Solapi requests: `Authorization: HMAC-SHA256 ApiKey=…, Date=…, salt=…, signature=…`.

Source: PyPI `solapi` 5.0.3, lib/authenticator.py; signature = hex HMAC-SHA256(secret, date + salt).
"""

import hashlib
import hmac
import secrets
from datetime import datetime


def authorization(api_key: str, api_secret: str, *, now: datetime) -> str:
    """Return the header's value. `now` is aware. A salt is used once."""
    date, salt = now.isoformat(), secrets.token_hex(16)
    signature = hmac.new(api_secret.encode(), (date + salt).encode(), hashlib.sha256).hexdigest()
    return f"HMAC-SHA256 ApiKey={api_key}, Date={date}, salt={salt}, signature={signature}"
