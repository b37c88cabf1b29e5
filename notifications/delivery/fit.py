"""FIT: check whether a channel can carry a filled message, with its real values, and adapt the message to it.

Where a channel lacks them, signs are replaced by plain ones and diacritics are removed (except in the person's name).
A message that still does not fit goes to the citizen's next channel, as after any definite failure; its channel moves
to the end (`PUT_OFF`). Where no other channel is left, it is sent readable: other letters, shortened names, or a text
in place of what cannot be shown.
"""

import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from secretary.kernel.korean.korean import Language, NotInEucKr, euc_kr_bytes, in_euc_kr
from secretary.kernel.korean.letters import plain_signs, readable, readable_name, without_marks
from subscriptions.message_templates import Compiled, Limit
from subscriptions.message_templates.columns import in_place
from subscriptions.message_templates.values import NAME

NOT_REPRESENTABLE, TOO_LONG, VALUE_TOO_LONG = "not_representable", "too_long", "value_too_long"
UNFIT = (NOT_REPRESENTABLE, TOO_LONG, VALUE_TOO_LONG)
ENDLESS = sys.maxsize
SHORTENED = (40, 20, 10)  # characters that names and texts are cut to, one after another, until a message fits


class Unfit(Exception):
    """The channel cannot carry this message. `code` is one of UNFIT; the error holds no part of the message."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Filled(NamedTuple):
    """The text of a message, and the values that it was filled with."""

    title: str
    text: str
    values: Mapping[str, str]
    in_title: tuple[str, ...]  # what stands in the slots of the title, and of the text
    in_text: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """A template on its channel."""

    title: Compiled
    body: Compiled
    limits: Limit
    language: Language
    may_shorten: Collection[str]  # placeholders of names and texts, never those of amounts, days and codes
    _most: tuple[int, int, int, int] = field(init=False, repr=False)  # characters, bytes, of the title, of one value

    def __post_init__(self) -> None:
        given = (self.limits.max_chars, self.limits.max_bytes, self.limits.title_chars, self.limits.value_chars)
        chars, size, title, value = (ENDLESS if most is None else most for most in given)
        object.__setattr__(self, "_most", (chars, size, title, value))

    def fit(self, values: Mapping[str, str], *, last_resort: bool) -> Filled:
        """Return the message as the channel carries it. Raises Unfit, MissingValue."""
        filled = self._filled(values)
        flaw = self._flaw(filled)
        if flaw == NOT_REPRESENTABLE:
            filled = self._filled({name: _plain(name, value) for name, value in values.items()})
            flaw = self._flaw(filled)
        if not flaw:
            return filled
        if not last_resort:
            raise Unfit(flaw)
        return self._forced(filled, flaw)

    @property
    def placeholders(self) -> tuple[str, ...]:
        return (*self.title.placeholders, *self.body.placeholders)

    def fit_all(
        self, columns: Mapping[str, Sequence[str]], size: int, *, keyed: bool
    ) -> list[tuple[str, str, dict[str, str]] | None]:
        """Return title, text and, if `keyed`, the values for the vendor of each of `size` messages; None where the
        channel cannot carry it as it stands. Raises MissingValue."""
        title, body = self.title, self.body
        in_title, in_text = in_place(title, columns, size), in_place(body, columns, size)
        titles = list(map(title.filled_with, in_title)) if title.slots else [title.text] * size
        texts = list(map(body.filled_with, in_text))
        values: list[dict[str, str]] = list(map(body.keyed_with, in_text)) if keyed else [{} for _ in texts]
        if keyed and title.slots:
            values = [title.keyed_with(of_title) | rest for of_title, rest in zip(in_title, values, strict=True)]
        written = list(zip(titles, texts, values, strict=True))
        if self._fit_together(titles, texts):
            return [*written]
        filled = zip(titles, texts, values, in_title, in_text, strict=True)
        return [each if not self._flaw(Filled(*one)) else None for each, one in zip(written, filled, strict=True)]

    def _fit_together(self, titles: Sequence[str], texts: Sequence[str]) -> bool:
        """Return whether all are short enough, where only the number of characters counts."""
        most_chars, _, most_title, most_value = self._most
        if self.limits.euc_kr_only or most_value < ENDLESS:
            return False
        return max(map(len, texts)) <= most_chars and max(map(len, titles)) <= most_title

    def keyed(self, filled: Filled) -> dict[str, str]:
        """Return the values of a message by the placeholders of the vendor's template."""
        of_body = self.body.keyed_with(filled.in_text)
        return self.title.keyed_with(filled.in_title) | of_body if filled.in_title else of_body

    def _filled(self, values: Mapping[str, str]) -> Filled:
        title, body = self.title, self.body
        in_title, in_text = title.in_place(values), body.in_place(values)
        return Filled(title.filled_with(in_title), body.filled_with(in_text), values, in_title, in_text)

    def _flaw(self, filled: Filled) -> str:
        """Return the reason why the channel cannot carry this: one of UNFIT, "" where it can."""
        most_chars, most_bytes, most_title, most_value = self._most
        title, text = filled.title, filled.text
        if self.limits.euc_kr_only:
            text = f"{title}\n{text}" if title else text  # a text message has no title: it is the first line
            try:
                if euc_kr_bytes(text) > most_bytes:
                    return TOO_LONG
            except NotInEucKr:
                return NOT_REPRESENTABLE
        if len(text) > most_chars or len(title) > most_title:
            return TOO_LONG
        if most_value < ENDLESS and self._longest_value(filled) > most_value:
            return VALUE_TOO_LONG
        return ""

    def _longest_value(self, filled: Filled) -> int:
        return max(map(len, filled.in_title + filled.in_text), default=0)

    def _forced(self, filled: Filled, flaw: str) -> Filled:
        if flaw == NOT_REPRESENTABLE:
            spelt = self._filled({name: self._readable(name, value) for name, value in filled.values.items()})
            # A template from before the editor checked it may also hold characters that the channel lacks.
            title, text = (readable(part, in_euc_kr, self.language) for part in (spelt.title, spelt.text))
            filled = spelt._replace(title=title, text=text)
            flaw = self._flaw(filled)
        for most in SHORTENED:
            if flaw == TOO_LONG:
                filled = self._filled({name: self._short(name, value, most) for name, value in filled.values.items()})
                flaw = self._flaw(filled)
        if flaw in (NOT_REPRESENTABLE, TOO_LONG):
            raise Unfit(flaw)
        return filled  # a value that is too long for a new account only is sent: the account may not be new any more

    def _readable(self, name: str, value: str) -> str:
        write: Callable[..., str] = readable_name if name == NAME else readable
        return write(value, in_euc_kr, self.language)

    def _short(self, name: str, value: str, most: int) -> str:
        return value if name not in self.may_shorten or len(value) <= most else value[: most - 1] + "…"


def _plain(name: str, value: str) -> str:
    """Keep the diacritics of a person's name as long as a channel that carries them may follow."""
    plain = plain_signs(value, in_euc_kr)
    return plain if name == NAME else without_marks(plain, in_euc_kr)
