"""What a citizen would read, for the administrator's preview: compiled and filled by the code that sends."""

from collections.abc import Sequence
from dataclasses import dataclass

from secretary.common.korean import Language, NotInEucKr, euc_kr_bytes, in_euc_kr
from secretary.common.letters import plain_signs, without_marks
from subscriptions.specs import FieldSpec, StageSpec, Words
from subscriptions.wording.check import Problem, check_wording, warn_wording
from subscriptions.wording.compile import BadPlaceholder, MissingValue, compile_wording
from subscriptions.wording.limits import Limit, limits
from subscriptions.wording.samples import SAMPLE_AGENCY, SAMPLE_CONTACT, longest_values, sample_values


@dataclass(frozen=True, slots=True)
class Preview:
    """A wording filled with samples. Counts are of the body; `*_longest` with the longest possible values."""

    channel: str
    title: str  # the wording itself, unfilled, where it cannot be filled
    text: str
    chars: int
    bytes: int | None  # EUC-KR; None where it holds a character that EUC-KR lacks
    chars_longest: int
    bytes_longest: int | None
    kind: str  # for sms: SMS or LMS, by the sample; "" elsewhere
    limit: Limit
    problems: list[Problem]
    warnings: list[Problem]


def preview(
    body: str,
    title: str,
    channel: str,
    language: Language,
    fields: Sequence[FieldSpec],
    stage: StageSpec | None = None,
    *,
    agency: Words = SAMPLE_AGENCY,
    contact: str = SAMPLE_CONTACT,
) -> Preview:
    """Never raises for a bad wording: `problems` says what is wrong and `text` shows what was typed."""
    samples = sample_values(fields, language, agency=agency, contact=contact)
    longest, limit = longest_values(fields, language), limits(channel)
    if limit.euc_kr_only:  # as it is sent
        samples = {name: without_marks(plain_signs(value, in_euc_kr), in_euc_kr) for name, value in samples.items()}
    text, whole = _filled(body, samples), _filled(body, longest)
    size = _bytes(text)
    short = limit.short_bytes is not None and size is not None and size <= limit.short_bytes
    return Preview(
        channel=channel,
        title=_filled(title, samples),
        text=text,
        chars=len(text),
        bytes=size,
        chars_longest=len(whole),
        bytes_longest=_bytes(whole),
        kind="" if limit.short_bytes is None else "SMS" if short else "LMS",
        limit=limit,
        problems=check_wording(body, title, channel, language, fields, stage),
        warnings=warn_wording(body, title, channel, language, fields),
    )


def _filled(text: str, values: dict[str, str]) -> str:
    try:
        return compile_wording.__wrapped__(text).fill(values)
    except (BadPlaceholder, MissingValue):
        return text


def _bytes(text: str) -> int | None:
    try:
        return euc_kr_bytes(text)
    except NotInEucKr:
        return None
