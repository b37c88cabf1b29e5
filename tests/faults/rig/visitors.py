"""People, agencies and gateways who come all the time, over HTTP, and what each of them was answered."""

import http.client
import json
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field

from sandbox.agencies.push import PATH, headers
from tests.faults.rig.doors import AUTHENTIC, BROWSER, HOOK
from tests.faults.rig.service import PEOPLE, Service, fine

UNKNOWN = {**HOOK, "recipientGroupingKey": "ps-0"}  # a receipt of no message that we know
RECORDS = 3  # in each push
PAUSE = 0.2  # seconds between two visits of each; more of them slow down the deployment that they watch
REFUSED = 0  # for a connection that was refused, reset, or closed without an answer


@dataclass
class Visitors:
    """`with visitors(...) as came`: they come until the end of the block."""

    service: Service
    receiver_port: int
    answers: Counter[tuple[str, int]] = field(default_factory=Counter)  # (who, status)
    words: list[str] = field(default_factory=list)  # of those that got no answer
    longest: float = 0.0  # seconds that any of them waited
    records: int = 0  # acknowledged
    over: threading.Event = field(default_factory=threading.Event)

    def person(self) -> int:
        return self._status(urllib.request.Request(f"{self.service.url}/sign-up/", headers=BROWSER))

    def agency(self) -> int:
        first = 100_000 + self.records
        body = json.dumps({"records": [fine(first + n, (first + n) % PEOPLE) for n in range(RECORDS)]}).encode()
        signed = headers(f"push-{uuid.uuid4().hex}", body, int(time.time()))
        status = self._status(urllib.request.Request(self.service.url + PATH, data=body, headers=signed))
        self.records += RECORDS if status == 200 else 0
        return status

    def gateway(self) -> int:
        return self._receipt(self.service.port)

    def gateway_at_the_receiver(self) -> int:
        return self._receipt(self.receiver_port)

    def _receipt(self, port: int) -> int:
        hooks = {"appKey": self._app_key, "event": "MESSAGE_RESULT_UPDATE", "hooks": [UNKNOWN]}
        body = json.dumps(hooks).encode()
        where = f"http://127.0.0.1:{port}/webhooks/nhn/"
        return self._status(urllib.request.Request(where, data=body, headers=AUTHENTIC))

    @property
    def _app_key(self) -> str:
        return self.service.sandbox.environment["NHN_APP_KEY"]

    def _status(self, request: urllib.request.Request) -> int:
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                answer.read()
                return int(answer.status)
        except urllib.error.HTTPError as error:
            with error:
                return error.code
        except (OSError, http.client.HTTPException) as error:
            self.words.append(repr(error))
            return REFUSED

    def keep_coming(self, who: str, ask: Callable[[], int]) -> None:
        while not self.over.wait(PAUSE):
            began = time.monotonic()
            self.answers[who, ask()] += 1
            self.longest = max(self.longest, time.monotonic() - began)

    def browse(self) -> None:
        """A browser that keeps its connection until the server announces its end."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.service.port, timeout=120)) as connection:
            while not self.over.wait(PAUSE):
                self.answers["browser", self._next_page(connection)] += 1

    def _next_page(self, connection: http.client.HTTPConnection) -> int:
        try:
            connection.request("GET", "/", headers=BROWSER)
            answer = connection.getresponse()
            answer.read()
            return answer.status
        except (OSError, http.client.HTTPException) as error:
            self.words.append(repr(error))
            connection.close()
            return REFUSED


@contextmanager
def visitors(service: Service, *, receiver_port: int) -> Iterator[Visitors]:
    came = Visitors(service, receiver_port)
    asks = {
        "person": came.person,
        "agency": came.agency,
        "gateway": came.gateway,
        "receiver": came.gateway_at_the_receiver,
    }
    threads = [threading.Thread(target=came.keep_coming, args=each) for each in asks.items()]
    threads.append(threading.Thread(target=came.browse))
    for thread in threads:
        thread.start()
    try:
        yield came
    finally:
        came.over.set()
        for thread in threads:
            thread.join()
