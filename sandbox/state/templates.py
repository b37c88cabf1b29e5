"""Keep approved templates, as an operator would have typed them into the vendors' consoles, and fill them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from sandbox.state.store import Store

APPROVED, IN_REVIEW = "approved", "in_review"
_PLACEHOLDER = re.compile(r"#\{([^{}]+)\}")


class MissingValues(Exception):
    """The caller gave no value for these placeholders."""

    def __init__(self, names: list[str]) -> None:
        super().__init__(", ".join(names))
        self.names = names


@dataclass(frozen=True)
class Template:
    channel: str  # kakaotalk | naver | toss
    code: str
    name: str
    title: str
    body: str  # with #{placeholders}
    status: str = APPROVED

    @cached_property
    def _pieces(self) -> tuple[list[str], list[str], list[str], list[str]]:
        title, body = _PLACEHOLDER.split(self.title), _PLACEHOLDER.split(self.body)
        return title[::2], title[1::2], body[::2], body[1::2]

    def fill(self, values: Mapping[str, str]) -> tuple[str, str]:
        """(title, text). Raises MissingValues."""
        title_literals, title_names, literals, names = self._pieces
        try:
            title = _join(title_literals, [values[name] for name in title_names])
            return title, _join(literals, [values[name] for name in names])
        except KeyError:
            missing = [name for name in dict.fromkeys(title_names + names) if name not in values]
            raise MissingValues(missing) from None


class Templates:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._templates = {
            (row["channel"], row["code"]): Template(*row) for row in store.read("SELECT * FROM templates")
        }

    def get(self, channel: str, code: str) -> Template | None:
        return self._templates.get((channel, code))

    def all(self, channel: str | None = None) -> list[Template]:
        return [each for each in self._templates.values() if channel in (None, each.channel)]

    async def register(self, templates: list[Template]) -> None:
        rows = [(each.channel, each.code, each.name, each.title, each.body, each.status) for each in templates]
        await self._store.commit(("INSERT OR REPLACE INTO templates VALUES (?, ?, ?, ?, ?, ?)", rows))
        self._templates.update({(each.channel, each.code): each for each in templates})


def _join(literals: list[str], values: list[str]) -> str:
    pieces = [literals[0]]
    for value, literal in zip(values, literals[1:], strict=True):
        pieces += (value, literal)
    return "".join(pieces)
