"""Draw the page on which a sample person pays: plain HTML with a look of the vendor's, for phone and keyboard."""

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from string import Template
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from aiohttp import web

from sandbox.state.provider_stub import READY, Payment

FOLDER = Path(__file__).parent
_PAGE = Template((FOLDER / "page.html").read_text("utf-8"))
_STYLE = (FOLDER / "page.css").read_text("utf-8")


@dataclass(frozen=True)
class Brand:
    title: str
    colour: str
    ink: str
    refusals: Mapping[str, str]  # code with which the confirmation is refused → what the person reads
    failures: Mapping[str, str]  # code with which the page itself fails → what the person reads


def pay_page(brand: Brand, payment: Payment) -> web.Response:
    """`outcome` is what the person picks: nothing, a refusal, or a failure; `act` is pay or leave."""
    if payment.status != READY:
        return _closed(brand, 410, "닫힌 결제창입니다", "결제를 처음부터 다시 시작해 주세요.")
    choices = {"": "정상 승인", **brand.refusals, **brand.failures}
    amount = f"{payment.amount:,}원"
    content = f"""<section><h1>결제하기</h1>
<dl><dt>상품</dt><dd>{escape(payment.name)}</dd><dt>주문번호</dt><dd>{escape(payment.order_id)}</dd>
<dt>결제 금액</dt><dd class="sum">{amount}</dd></dl></section>
<form method="post"><fieldset><legend>결제 결과 고르기</legend>{"".join(map(_radio, choices.items()))}</fieldset>
<button class="pay" name="act" value="pay">{amount} 결제하기</button>
<button class="leave" name="act" value="leave">결제 취소</button></form>
<p class="note">연습용 결제창입니다. 실제 돈은 오가지 않습니다.</p>"""
    return _html(brand, 200, content)


def refused_page(brand: Brand, code: str) -> web.Response:
    """Answer that the window does not open at all."""
    return _closed(brand, 400, "결제창을 열 수 없습니다", code)


def back(url: str, **query: object) -> web.HTTPSeeOther:
    """Redirect the browser to the merchant, whose own query string stays."""
    parts = urlsplit(url)
    joined = [*parse_qsl(parts.query, keep_blank_values=True), *query.items()]
    return web.HTTPSeeOther(urlunsplit(parts._replace(query=urlencode(joined))))


def is_address(url: object, longest: int = 2000) -> bool:
    return isinstance(url, str) and len(url) <= longest and url.startswith(("http://", "https://"))


def _radio(choice: tuple[str, str]) -> str:
    code, text = choice
    checked = "" if code else " checked"
    return f'<label><input type="radio" name="outcome" value="{escape(code)}"{checked}>{escape(text)}</label>'


def _closed(brand: Brand, status: int, heading: str, text: str) -> web.Response:
    return _html(brand, status, f"<section><h1>{heading}</h1><p>{escape(text)}</p></section>")


def _html(brand: Brand, status: int, content: str) -> web.Response:
    text = _PAGE.substitute(title=brand.title, colour=brand.colour, ink=brand.ink, style=_STYLE, content=content)
    headers = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    return web.Response(text=text, status=status, content_type="text/html", headers=headers)
