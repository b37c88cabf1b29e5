"""Define one HTTP request and its result: the types that adapters and the transport share."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from enum import StrEnum

LONGEST_WAIT = 86_400.0  # seconds: what a gateway that has lost its mind can put us off for


class Fate(StrEnum):
    """What became of a request."""

    ANSWERED = "answered"  # a whole HTTP answer came back
    NOT_SENT = "not_sent"  # not one byte of it left: it may be sent again
    LOST = "lost"  # it may have been read and acted upon
    UNSENDABLE = "unsendable"  # no HTTP request can be made of it


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """`body` None makes a GET, anything else a POST. The body holds personal data: it is never shown.

    `headers` may be shared by many requests and must not be changed afterwards. `repeatable`: a POST that only queries;
    it goes out a second time where the kept-alive connection had died meanwhile, as a GET does.
    """

    url: str
    headers: Mapping[str, str]
    body: bytes | None = field(default=None, repr=False)
    repeatable: bool = False


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    fate: Fate
    status: int = 0
    body: bytes = field(default=b"", repr=False)
    reason: str = ""  # libcurl's error number as `curl-28`, or `batch-time-over`; "" when answered
    raw_headers: bytes = field(default=b"", repr=False)

    def header(self, name: str) -> str:
        """Return the last value of a header of the final answer, "" when it has none."""
        wanted = name.lower().encode() + b":"
        lines = self.raw_headers.split(b"\r\n")
        found = [line[len(wanted) :] for line in lines if line.lower().startswith(wanted)]
        return found[-1].strip().decode("latin-1") if found else ""

    def retry_after(self) -> float | None:
        """`Retry-After` in seconds from now (RFC 9110 §10.2.3: a number or a date), a day at most; None without one."""
        value = self.header("retry-after")
        try:
            wait = float(value) if value.isdecimal() else parsedate_to_datetime(value).timestamp() - time.time()
        except (ValueError, OverflowError):
            return None
        return min(max(0.0, wait), LONGEST_WAIT)
