"""Store messages as Django does by default; on a page without any, which is nearly each, neither look for some nor make
what would read and sign them."""

from collections.abc import Sequence
from typing import Any

from django.contrib.messages.storage.base import BaseStorage
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.http import HttpRequest
from django.http.response import HttpResponseBase


class SeldomMessages(FallbackStorage):
    def __init__(self, request: HttpRequest) -> None:
        BaseStorage.__init__(self, request)
        self._used_storages: set[BaseStorage] = set()

    def _get(self, *args: Any, **kwargs: Any) -> tuple[list[Any], bool]:
        if CookieStorage.cookie_name not in self.request.COOKIES:  # Django looks into the session after a cookie alone
            return [], True
        self._make()
        found: tuple[list[Any], bool] = super()._get(*args, **kwargs)  # type: ignore[misc]  # missing in the stubs
        return found

    def _store(self, messages: Sequence[Any], response: HttpResponseBase, *args: Any, **kwargs: Any) -> Sequence[Any]:
        if not messages and not self._used_storages:
            return messages
        self._make()
        left: Sequence[Any] = super()._store(messages, response, *args, **kwargs)  # type: ignore[misc]
        return left

    def _make(self) -> None:
        if "storages" not in vars(self):
            self.storages = [kind(self.request) for kind in self.storage_classes]
