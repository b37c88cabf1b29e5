"""Serve an agency's API on the loopback, with chosen replies."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit

Answer = Callable[[dict[str, str]], tuple[int, dict[str, str], bytes]]


@dataclass
class Source:
    """`answer` makes a reply out of the decoded query; `queries` are the raw ones that came."""

    answer: Answer
    url: str = ""
    queries: list[str] = field(default_factory=list)
    hosts: list[str] = field(default_factory=list)


@contextmanager
def serving(answer: Answer) -> Iterator[Source]:
    source = Source(answer)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            query = urlsplit(self.path).query
            source.queries.append(query)
            source.hosts.append(self.headers["Host"])
            status, headers, body = source.answer(dict(parse_qsl(query)))
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    source.url = f"http://127.0.0.1:{server.server_port}/records"
    try:
        yield source
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def reply(items: Any, total: int, page: int = 1, rows: int = 1000, code: str = "00") -> bytes:
    body = {"items": items, "totalCount": total, "pageNo": page, "numOfRows": rows}
    return json.dumps({"response": {"header": {"resultCode": code, "resultMsg": ""}, "body": body}}).encode()


def gateway_error(code: str) -> bytes:
    return (
        f"<OpenAPI_ServiceResponse><cmmMsgHeader><errMsg>SERVICE ERROR</errMsg>"
        f"<returnReasonCode>{code}</returnReasonCode></cmmMsgHeader></OpenAPI_ServiceResponse>"
    ).encode()


def paged(records: Sequence[dict[str, Any]]) -> Answer:
    """A well-behaved source: change number as the mark, oldest change first."""

    def answer(query: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        page, rows = int(query["pageNo"]), int(query["numOfRows"])
        found = [item for item in records if item["changeNo"] > int(query.get("changedAfter", 0))]
        return 200, {}, reply({"item": found[(page - 1) * rows : page * rows]}, len(found), page, rows)

    return answer
