"""Play the login of a mini-app in the Toss app: its page on the sample phone, and the two calls of the maker's server.

Source: developers-apps-in-toss.toss.im/login/develop.html. The page stands for the Toss app and for our mini-app in it:
`appLogin` gives a code (10 minutes, once), and the mini-app hands it to the product with the code of the link.
Unverified, as in the product: `Bearer` before the token; base64 of a 12-byte IV and AES-256-GCM's output; the statuses
beside the errors.
"""

import base64
import os
import secrets
import time
from html import escape
from typing import Any

from aiohttp import ClientSession, ClientTimeout, web

from sandbox.guard import guarded
from sandbox.state import credentials
from sandbox.state.faults import Plan
from sandbox.state.people import Person
from sandbox.world import WORLD, World

GATEWAY = "toss_login"
PATH = "/api-partner/v1/apps-in-toss/user/oauth2"
PAGE = "/toss/mini-app/"
CODE_SECONDS, TOKEN_SECONDS = 600, 3600
RESULTS = {
    "linked": "연결되었습니다. 누리집으로 돌아가 확인해 주세요.",
    "another": "이 토스 계정은 다른 분의 계정이라 연결하지 않았습니다.",
    "refused": "토스에서 로그인을 확인하지 못했습니다.",
    "expired": "연결 코드가 맞지 않거나 시간이 지났습니다. 누리집에서 새 코드를 받아 주세요.",
    "later": "지금은 연결할 수 없습니다. 잠시 후 다시 시도해 주세요.",
}


def add_page(app: web.Application) -> None:
    """On the plain port: what a person sees in the Toss app."""
    app.router.add_get(PAGE, mini_app)
    app.router.add_post(PAGE, log_in)


def add_routes(app: web.Application) -> None:
    """On the port that requires a client certificate: what the maker's server calls."""
    app.router.add_post(f"{PATH}/generate-token", guarded(GATEWAY, "send", generate_token))
    app.router.add_get(f"{PATH}/login-me", guarded(GATEWAY, "read", login_me))
    app.router.add_post(f"{PATH}/access/remove-by-user-key", guarded(GATEWAY, "end", end))


async def mini_app(request: web.Request) -> web.Response:
    return _page(f"""<h1>국민비서 연결</h1><p>국민비서 알림을 토스로 받습니다.</p>
<form method="post"><label>연결 코드 <input name="link" value="{escape(request.query.get("link", ""))}"></label>
<label>토스에 로그인한 사람의 휴대전화번호 <input name="phone" inputmode="tel" value="010-0000-0001"></label>
<button>동의하고 연결하기</button></form>""")


async def log_in(request: web.Request) -> web.Response:
    """Log in as a sample person (`appLogin`), and hand the code to the product, as the mini-app does."""
    world, form = request.app[WORLD], await request.post()
    world.people.refresh()
    person = world.people.get("".join(filter(str.isdecimal, str(form.get("phone", "")))))
    if person is None:
        return _page("<h1>토스에 가입하지 않은 번호입니다</h1>")
    body = {
        "link": str(form.get("link", "")),
        "authorizationCode": new_code(world, person),
        "referrer": "SANDBOX",
    }
    url = world.settings.now.callback_base.rstrip("/") + "/toss/login/"
    async with ClientSession(timeout=ClientTimeout(total=30)) as session, session.post(url, json=body) as answer:
        result = (await answer.json())["result"]
    return _page(f'<h1>국민비서 연결</h1><p data-result="{escape(result)}">{RESULTS[result]}</p>')


def new_code(world: World, person: Person) -> str:
    code = secrets.token_urlsafe(48)
    world.toss_logins[code] = (person.national, time.time() + CODE_SECONDS)
    return code


async def generate_token(request: web.Request, plan: Plan) -> web.Response:
    body = await request.json()
    person, until = request.app[WORLD].toss_logins.pop(str(body.get("authorizationCode")), ("", 0.0))
    if time.time() > until or body.get("referrer") not in ("DEFAULT", "SANDBOX"):
        return _fail(400, "INVALID_AUTHORIZATION_CODE", "인가 코드가 올바르지 않아요.")
    token = secrets.token_urlsafe(48)
    request.app[WORLD].toss_logins[f"Bearer {token}"] = (person, time.time() + TOKEN_SECONDS)
    success = {
        "tokenType": "Bearer",
        "accessToken": token,
        "refreshToken": secrets.token_urlsafe(48),
        "expiresIn": str(TOKEN_SECONDS - 1),
        "scope": "user_ci user_key",
    }
    return web.json_response({"resultType": "SUCCESS", "success": success})


async def login_me(request: web.Request, plan: Plan) -> web.Response:
    world = request.app[WORLD]
    national, until = world.toss_logins.get(request.headers.get("Authorization", ""), ("", 0.0))
    person = world.people.get(national)
    if person is None or time.time() > until:
        return _fail(401, "UNAUTHORIZED", "인증되지 않은 사용자예요.")
    world.toss_connected.add(int(person.toss_user_key))
    success: dict[str, Any] = {
        "userKey": int(person.toss_user_key),
        "scope": "user_ci,user_key",
        "agreedTerms": [],
        "ci": encrypted(person.ci),
        **dict.fromkeys(("name", "phone", "birthday", "gender", "nationality", "email")),
    }
    return web.json_response({"resultType": "SUCCESS", "success": success})


async def end(request: web.Request, plan: Plan) -> web.Response:
    """End the connection of a user who has logged in to the mini-app; without one Toss answers FAIL (assumed)."""
    key = (await request.json()).get("userKey")
    connected = request.app[WORLD].toss_connected
    if not isinstance(key, int) or key not in connected:
        return _fail(400, "INVALID_PARAMETER", "요청에 실패했습니다.")
    connected.remove(key)
    return web.json_response({"resultType": "SUCCESS", "success": {"userKey": key}})


def encrypted(value: str) -> str:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # 4 MB, for those who choose this way in

    iv = os.urandom(12)
    key = base64.b64decode(credentials.APPS_IN_TOSS_DECRYPTION_KEY)
    sealed = AESGCM(key).encrypt(iv, value.encode(), credentials.APPS_IN_TOSS_AAD.encode())
    return base64.b64encode(iv + sealed).decode()


def _fail(status: int, code: str, reason: str) -> web.Response:
    return web.json_response({"resultType": "FAIL", "error": {"errorCode": code, "reason": reason}}, status=status)


def _page(content: str) -> web.Response:
    text = f"""<!doctype html><html lang="ko"><head><meta charset="utf-8"><title>토스 - 국민비서</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>
body {{ font: 17px/1.5 sans-serif; max-width: 24rem; margin: 2rem auto; padding: 0 1rem; color: #191f28; }}
label {{ display: block; margin: 1rem 0; }} input, button {{ width: 100%; min-height: 3rem; font: inherit; }}
button {{ border: 0; border-radius: 12px; background: #1b64da; color: #fff; }}</style></head>
<body><main>{content}</main></body></html>"""
    return web.Response(text=text, content_type="text/html")
