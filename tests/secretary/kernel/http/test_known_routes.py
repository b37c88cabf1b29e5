"""Views are found as Django finds them, also for addresses that look like one that was found before."""

from typing import Any

import pytest
from django.http import Http404
from django.test import RequestFactory
from django.urls import resolve

from secretary.kernel.http.known_routes import KnownRoutes

ADDRESSES = [
    "/inbox/",
    "/inbox/7/",
    "/inbox/2000/",
    "/inbox/007/",
    "/inbox/#/",
    "/inbox//",
    "/inbox/-1/",
    "/inbox/7",
    "/inbox/٣/",
    f"/inbox/{'9' * 18}/",
    f"/inbox/{'9' * 30}/",
    f"/inbox/{'9' * 5000}/",
    "/inbox/7/print/",
    "/pay/1/",
    "/pay/2/",
    "/pay/2/check/kakao/",
    "/pay/3/check/5/",
    "/pay/3/check/6/",
    "/settings/end/1/",
    "/settings/end/2/",
    "/officials/list/00000000-0000-7000-8000-000000000001/",
    "/admin/notifications/notice/1/change/",
    "/admin/notifications/notice/2/change/",
    "/nothing/1/",
    "/nothing/2/",
]


@pytest.mark.parametrize("addresses", [ADDRESSES, ADDRESSES[::-1]])
def test_each_address_leads_where_django_leads_it(addresses: list[str]) -> None:
    routes, factory = KnownRoutes(), RequestFactory()
    for address in (*addresses, *addresses):
        request = factory.get("/")
        request.path_info = address
        assert _found(routes.resolve_request, request) == _found(resolve, address), address


def _found(find: Any, address: Any) -> Any:
    try:
        found = find(address)
    except Http404:
        return None
    names = (found.view_name, found.route, found.namespace, found.app_name)
    return (found.func, found.args, found.kwargs, found.captured_kwargs, *names)
