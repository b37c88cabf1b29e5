"""Show a provider's own page and take the payer's choice, which is the same with every provider."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web

from sandbox.payments.page import Brand, pay_page
from sandbox.state.provider_stub import AUTHORISED, FAILED, READY, Payment
from sandbox.world import WORLD


@dataclass(frozen=True, slots=True)
class ChoicePage:
    """`left`: the provider's code when the payer leaves. `way_back`: where the browser goes, by payment status."""

    provider: str
    brand: Brand
    left: str
    way_back: Callable[[Payment], web.HTTPSeeOther]

    async def show(self, request: web.Request) -> web.Response:
        return pay_page(self.brand, self._of(request))

    async def decide(self, request: web.Request) -> web.Response:
        form = await request.post()
        stub, outcome = request.app[WORLD].provider_stub, str(form.get("outcome", ""))
        async with stub.held(self._of(request)) as payment:
            if payment.status != READY:
                return pay_page(self.brand, payment)
            if form.get("act") != "pay":
                payment.status, payment.code = FAILED, self.left
            elif outcome in self.brand.failures:
                payment.status, payment.code = FAILED, outcome
            else:
                payment.status, payment.authorised_at, payment.refusal = AUTHORISED, time.time(), outcome
                payment.token = secrets.token_hex(10)
            await stub.keep(payment)
        raise self.way_back(payment)

    def _of(self, request: web.Request) -> Payment:
        found = request.app[WORLD].provider_stub.of_page(self.provider, request.match_info["page"])
        if found is None:
            raise web.HTTPNotFound
        return found
