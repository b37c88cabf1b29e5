"""Write the lines of a bundled message, one for each of its notices, so that no two read alike."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Final, NamedTuple

from secretary.kernel.korean.korean import Language, format_date

LINE_CHARS: Final = 46  # of the fields line_1 to line_5 in subscriptions/catalogue/service/bundle.toml


class Line(NamedTuple):
    """What a bundled message says of one notice, and whether that is still so."""

    delivery_id: int
    carrier_id: int | None
    title: str
    day: date | None
    next_day: date | None
    is_changed: bool
    is_theirs: bool

    def text(self, *, on: date, language: Language, with_next: bool = False, brief: bool = False) -> str:
        """Return the line: "D-3(12. 7.) 교통과태료 납부기한 안내"; the days left are counted from `on` (KST).
        `with_next`: a line without a day of its own gets the next one of its record. `brief`: the day alone."""
        of_line = self.next_day if with_next and self.day is None else self.day
        if of_line is None or of_line < on:
            return self.title
        left = (of_line - on).days
        when = short_day(of_line, language)
        if language == "ko":
            return f"{when} {self.title}" if brief else f"{f'D-{left}' if left else '오늘'}({when}) {self.title}"
        days = f"{left} day{'s' if left > 1 else ''} left" if left else "Today"
        return f"{when}: {self.title}" if brief else f"{days} ({when}): {self.title}"


class Detail(NamedTuple):
    """What distinguishes a notice from others of its title: "32,000원", "3. 2. 오후 2:05"; "" where there is none."""

    amount: str = ""
    when: str = ""


Details = Callable[[Sequence[int]], Mapping[int, Detail]]  # deliveries → what is known of each


def short_day(day: date, language: Language) -> str:
    """Return a day of this year: "4. 2.", "2 Apr"."""
    if language == "ko":
        return f"{day.month}. {day.day}."
    _, number, month, _ = format_date(day, language).split()
    return f"{number} {month[:3]}"


def distinguished(lines: Sequence[Line], *, on: date, language: Language, details: Details | None = None) -> list[str]:
    """Return the texts of the lines. Those that read the same get the next day of their record. Where that leaves some
    alike, each gets its amount, or when it happened, if `details` are asked for and differ; else its number: two fines
    of one title are two fines."""
    texts = [line.text(on=on, language=language) for line in lines]
    for place in _alike(texts):
        texts[place] = lines[place].text(on=on, language=language, with_next=True)
    if details is not None and (alike := _alike(texts)):
        known = details([lines[place].delivery_id for place in alike])
        for places in _groups(texts):
            differing = _differing([known.get(lines[place].delivery_id, Detail()) for place in places])
            for place, detail in zip(places, differing, strict=False):
                brief = lines[place].text(on=on, language=language, with_next=True, brief=True)
                whole = f"({detail}) {texts[place]}"
                texts[place] = whole if len(whole) <= LINE_CHARS else f"({detail}) {brief}"
    return _numbered(texts)


def _differing(known: Sequence[Detail]) -> tuple[str, ...]:
    """Return the first kind of detail that all have and that is another for each; empty where there is none."""
    kinds = (tuple(map(str, each)) for each in zip(*known, strict=True))
    return next((each for each in kinds if all(each) and len(set(each)) == len(each)), ())


def _groups(texts: Sequence[str]) -> list[list[int]]:
    """Return the places of texts that read the same."""
    places: dict[str, list[int]] = defaultdict(list)
    for place, text in enumerate(texts):
        places[text].append(place)
    return [same for same in places.values() if len(same) > 1]


def _alike(texts: Sequence[str]) -> list[int]:
    return [place for same in _groups(texts) for place in same]


def _numbered(texts: Sequence[str]) -> list[str]:
    total, nth, numbered = Counter(texts), Counter[str](), []
    for text in texts:
        nth[text] += 1
        numbered.append(f"({nth[text]}/{total[text]}) {text}" if total[text] > 1 else text)
    return numbered
