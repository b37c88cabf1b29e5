"""Answer what comes from Toss: the login of our mini-app, and the end of a link in the Toss app.

The mini-app runs on pages of Toss (`APPS_IN_TOSS_ORIGIN`) and sends no cookie of ours: the link's code, which the
signed-in person carried over, says whom it is about.

Toss's callback, as set in its console (연결 끊기 콜백), authenticates with Basic and sends `userKey` and `referrer`:
UNLINK, WITHDRAWAL_TERMS or WITHDRAWAL_TOSS. Read in makers' code, not in Toss's own documentation, and so unverified.
Choose POST there, so that no key is in an address; the console's test sends `userKey` 0.
"""

import base64
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from secretary.kernel.audit.security_log import log_refusal
from secretary.kernel.database.retry import Busy
from secretary.kernel.time.clock import now as clock_now
from subscriptions.identity.toss_login import TossLogin, TossRefused, TossUnavailable, TossUser
from subscriptions.models import TossLink
from subscriptions.preferences.toss import finish_link, unlink_user, waiting_link
from subscriptions.web.preferences.toss_config import toss_config

STATUS = {TossLink.LINKED: 200, TossLink.ANOTHER_PERSON: 403, TossLink.REFUSED: 403, "expired": 410, "later": 503}


@csrf_exempt
@require_http_methods(["POST", "OPTIONS"])
def login(request: HttpRequest) -> HttpResponse:
    """Take `{link, authorizationCode, referrer}` of the mini-app; answer `{result}`: linked, another (person), refused
    (by Toss), expired (an unknown, used or late code) or later."""
    if request.method == "OPTIONS":
        return _allowed(HttpResponse(status=204))
    body, config = _json(request), toss_config()
    link = waiting_link(_text(body, "link"), now=clock_now()) if config else None
    if link is None or config is None:
        return _result("expired")
    user: TossUser | None = None
    try:
        user = TossLogin(config).user_of(_text(body, "authorizationCode"), _text(body, "referrer"))
    except TossRefused as refused:
        log_refusal("toss login", why="TossRefused", code=refused)
    except TossUnavailable:
        return _result("later")
    try:
        return _result(finish_link(link=link, user=user, now=clock_now()) or "expired")
    except Busy:
        return _result("later")


@csrf_exempt
@require_POST
def unlinked(request: HttpRequest) -> HttpResponse:
    config = toss_config()
    wanted = base64.b64encode(config.callback_auth.encode()).decode() if config and config.callback_auth else ""
    if not wanted or not constant_time_compare(request.headers.get("Authorization", ""), f"Basic {wanted}"):
        log_refusal("toss unlink", why="Basic")
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Basic"})
    try:
        unlink_user(user_key=str(int(_json(request)["userKey"])), now=clock_now())
    except (KeyError, TypeError, ValueError, OverflowError):
        return HttpResponse(status=400)
    except Busy:
        return HttpResponse(status=503)
    return HttpResponse(status=200)


def _json(request: HttpRequest) -> dict[str, Any]:
    try:
        body = orjson.loads(request.body)  # refuses what is nested too deep; `json` would end in RecursionError
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _text(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    return value[:4000] if isinstance(value, str) else ""


def _result(result: str) -> HttpResponse:
    return _allowed(JsonResponse({"result": result}, status=STATUS[result]))


def _allowed(answer: HttpResponse) -> HttpResponse:
    """Let the mini-app's pages read the answer (CORS); without cookies."""
    config = toss_config()
    if config and config.origin:
        answer["Access-Control-Allow-Origin"] = config.origin
        answer["Access-Control-Allow-Headers"] = "Content-Type"
        answer["Vary"] = "Origin"
    return answer
