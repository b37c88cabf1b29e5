"""Pull pages of an agency's API in the style of data.go.kr by HTTP, from a cursor that survives a crash.

A run reads everything that changed after a mark, page by page. The mark moves on only when the last page is
read: to the end of the window where the API takes one (`until_param`), else to the newest `changed_field`.
When the number of records shows that pages have shifted meanwhile, the run starts over; repeated records
change nothing. Only a window makes this exact: without one, a record that moves to the end of the
list during a run of several pages can hide another until its next change.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from notifications.sources.config import BadSetting, option, positive
from notifications.sources.contract import Naming, Page, SourceRefused, SourceUnavailable
from notifications.sources.data_go_kr import Reply, failure_in, read_reply
from notifications.sources.fetch import fetch
from notifications.sources.host_key import HostKey
from notifications.sources.strict_json import line_of
from secretary.kernel.http import outbound

MAX_RESTARTS = 3
_KST = ZoneInfo("Asia/Seoul")


@dataclass(frozen=True, slots=True)
class Config:
    """The settings. Parameter names differ from agency to agency; the defaults are data.go.kr's."""

    url: str = option("address of the operation, without a query")
    rows: int = option("records asked for in one page", 1000)
    format: str = option("json or xml: what to ask for; the reply is read as what it is", "json")
    format_param: str = option("type, resultType or _type; empty: not sent", "type")
    key_param: str = option("parameter of the service key", "serviceKey")
    page_param: str = option("parameter of the page number", "pageNo")
    rows_param: str = option("parameter of the number of rows", "numOfRows")
    changed_param: str = option("parameter of the mark that changes are asked after; empty: all each time", "")
    changed_field: str = option("field of a record whose newest value is the next mark", "")
    until_param: str = option("parameter of the end of the window, where the API takes one", "")
    time_format: str = option("how the window is written, in KST, as in strftime", "%Y-%m-%dT%H:%M:%S+09:00")
    lag_seconds: int = option("the window ends this long ago, for records that are committed late", 60)
    start_after: str = option("the very first mark; empty: from the beginning", "")
    params: Mapping[str, str] = option("further parameters, sent as they are", {})
    columns: Mapping[str, str] = option("the agency's field name → ours", {})
    constants: Mapping[str, str] = option("what all records share, such as data_type", {})
    max_bytes: int = option("largest page that is read", 20_000_000)
    read_seconds: float = option("longest silence of the source", 10.0)
    page_seconds: float = option("longest time for a page in all", 60.0)

    def __post_init__(self) -> None:
        positive(self, "rows", "max_bytes", "read_seconds", "page_seconds")
        if self.format not in ("json", "xml"):
            raise BadSetting("format is json or xml")
        if bool(self.changed_param) != bool(self.changed_field or self.until_param):
            raise BadSetting("changed_param goes with changed_field or until_param")


@dataclass(frozen=True, slots=True)
class Position:
    """The position of a run, stored as the cursor. All pages of the run must have the same `total`."""

    changed_after: str = ""
    until: str = ""
    newest: str = ""
    page: int = 1
    rows: int = 0
    total: int | None = None

    @classmethod
    def of(cls, cursor: Mapping[str, Any], config: Config) -> "Position":
        if int(cursor.get("page", 1)) > 1 and cursor.get("asked") == config.rows:
            names = ("changed_after", "until", "newest", "page", "rows", "total")
            return cls(**{name: cursor[name] for name in names if name in cursor})
        return cls(changed_after=str(cursor.get("changed_after", config.start_after)), rows=config.rows)

    def cursor(self, config: Config) -> dict[str, Any]:
        """Return the cursor. `asked` is the page size requested: with another one page 3 would be another page."""
        if self.page == 1:
            return {"changed_after": self.changed_after, "page": 1}
        kept = {"changed_after": self.changed_after, "until": self.until, "newest": self.newest}
        return {**kept, "page": self.page, "rows": self.rows, "total": self.total, "asked": config.rows}


class HttpPull:
    """Pulls one feed. `key`: the service key in either form. `allow_private`: allow private addresses (sandbox)."""

    def __init__(
        self,
        config: Config,
        *,
        key: str,
        allow_private: bool = False,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._config, self._clock = config, clock
        self._key = decoded_key(key)
        self._naming = Naming(config.columns, config.constants)
        self._session = outbound.session(allow_private=allow_private)

    def pages(self, cursor: Mapping[str, Any]) -> Iterator[Page]:
        """Yield pages from `cursor` to the end of the run. Raises SourceRefused, SourceUnavailable."""
        position = self._opened(Position.of(cursor, self._config))
        restarts = 0
        while True:
            reply = self._whole_page(position)
            if _shifted(position, reply):
                restarts += 1
                if restarts > MAX_RESTARTS:
                    raise SourceUnavailable("moving", "the records change faster than they can be read")
                position = replace(position, page=1, rows=self._config.rows, total=None)
                continue
            position, page = self._read(_agreed(position, reply), reply)
            yield page
            if position.page == 1:
                return

    def _opened(self, position: Position) -> Position:
        """Fix the end of a new run's window once, so that a record that changes meanwhile leaves it."""
        if position.until or not self._config.until_param:
            return position
        end = self._clock().astimezone(_KST) - timedelta(seconds=self._config.lag_seconds)
        return replace(position, until=end.strftime(self._config.time_format))

    def _whole_page(self, position: Position) -> Reply:
        """Request a short page once more: a source that counts and lists in two steps may have changed in
        between."""
        reply = self._poll(position)
        if _shifted(position, reply) or len(reply.items) == _expected(position, reply):
            return reply
        return self._poll(position)

    def _poll(self, position: Position) -> Reply:
        config = self._config
        params = {**config.params, config.key_param: self._key}
        params |= {config.page_param: str(position.page), config.rows_param: str(position.rows)}
        optional = {
            config.format_param: config.format,
            config.changed_param: position.changed_after,
            config.until_param: position.until,
        }
        params |= {name: value for name, value in optional.items() if name and value}
        body = fetch(
            self._session,
            config.url,
            params,
            max_bytes=config.max_bytes,
            read_seconds=config.read_seconds,
            total_seconds=config.page_seconds,
            explain=failure_in,
        )
        return read_reply(body)

    def _read(self, position: Position, reply: Reply) -> tuple[Position, Page]:
        lines = [self._naming.renamed(line_of(number, item)) for number, item in enumerate(reply.items, start=1)]
        after = self._after(position, reply)
        return after, Page(lines, after.cursor(self._config), reply.total, f"page {position.page}")

    def _after(self, position: Position, reply: Reply) -> Position:
        newest = _newest(position.newest, reply.items, self._config.changed_field)
        if position.page * position.rows < reply.total:
            return replace(position, page=position.page + 1, total=reply.total, newest=newest)
        mark = position.until or newest or position.changed_after
        return Position(changed_after=mark, rows=self._config.rows)


def check(config: Config, secrets: Mapping[str, HostKey]) -> None:
    """Check the settings, for the registry. Raises BadSetting where the service key does not belong to the address."""
    secrets["service_key"].for_url(config.url)


def connect(config: Config, secrets: Mapping[str, HostKey], *, drop_root: Path | None, allow_private: bool) -> HttpPull:
    """Make the connector, for the registry. Raises BadSetting without a `service_key`, or with one of another host."""
    if "service_key" not in secrets or not (key := secrets["service_key"].for_url(config.url)):
        raise BadSetting("the secret service_key is missing")
    return HttpPull(config, key=key, allow_private=allow_private)


def decoded_key(key: str) -> str:
    """Accept a key plain or percent-encoded, as the portal issues it; a plain one is base64 and holds no `%`.

    `requests` encodes it once more: an encoded key would be encoded twice and refused with code 30.
    """
    return unquote(key.strip()) if "%" in key else key.strip()


def _shifted(position: Position, reply: Reply) -> bool:
    """Return whether pages may have moved since the run's earlier ones. Without a window, new records go to the end."""
    if position.total is None or reply.total == position.total:
        return False
    return bool(position.until) or reply.total < position.total


def _expected(position: Position, reply: Reply) -> int:
    rows = reply.rows or position.rows
    return min(rows, max(0, reply.total - (position.page - 1) * rows))


def _agreed(position: Position, reply: Reply) -> Position:
    """Return the position, with the source's actual page size. Raises SourceRefused for an incomplete page."""
    rows = reply.rows or position.rows
    if reply.page not in (None, position.page) or rows > position.rows:
        raise SourceRefused("wrong_page", f"asked for page {position.page}, got another one")
    if position.page > 1 and rows != position.rows:
        raise SourceRefused("wrong_page", f"page {position.page} has another size than the pages before it")
    expected = _expected(position, reply)
    if len(reply.items) != expected:
        raise SourceRefused("truncated", f"page {position.page}: {len(reply.items)} records instead of {expected}")
    return replace(position, rows=rows)


def _newest(so_far: str, items: list[Any], field: str) -> str:
    """Return the greatest mark; numbers are compared as numbers, times in one format as text."""
    marks = [str(item[field]) for item in items if field and isinstance(item, dict) and item.get(field)]
    return max([so_far, *marks], key=lambda mark: (mark.isdecimal(), len(mark) if mark.isdecimal() else 0, mark))
