#!/bin/sh
# standardwebhooks 1.1.0: an aware time is signed by its wall clock, as if that were UTC. findings/README.md
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check standardwebhooks==1.1.0
"$work/venv/bin/python" - <<'PYTHON'
from datetime import datetime, timedelta, timezone
from importlib.metadata import version

from standardwebhooks import Webhook, WebhookVerificationError

seoul = timezone(timedelta(hours=9))
hook = Webhook("whsec_" + "A" * 32)
now = datetime.now(seoul).replace(microsecond=0)  # the same instant, twice
same = now.astimezone(timezone.utc)
body = '{"records": []}'


def taken(signed_at):
    """Whether the library takes what it has signed itself, sent with the right number of seconds."""
    headers = {
        "webhook-id": "m-1",
        "webhook-timestamp": str(int(signed_at.timestamp())),
        "webhook-signature": hook.sign("m-1", signed_at, body),
    }
    try:
        hook.verify(body, headers)
    except WebhookVerificationError as refused:
        return str(refused)
    return "taken"


print("standardwebhooks", version("standardwebhooks"))
print("one instant, two zones, equal:", now == same)
print("signed with the UTC time:  ", taken(same))
print("signed with the Seoul time:", taken(now))
nine_hours_on = hook.sign("m-1", same + timedelta(hours=9), body)
print("the Seoul signature is that of nine hours later:", hook.sign("m-1", now, body) == nine_hours_on)
assert now == same
assert taken(same) == "taken"
assert taken(now) == "No matching signature found", "it changed: the Seoul time is signed otherwise now"
assert hook.sign("m-1", now, body) == nine_hours_on
PYTHON
