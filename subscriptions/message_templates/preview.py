"""Preview the message of a citizen, compiled and filled by the code that sends."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from secretary.kernel.korean.korean import Language, NotInEucKr, euc_kr_bytes, in_euc_kr
from secretary.kernel.korean.letters import plain_signs, without_marks
from subscriptions.message_templates.check import check_template, warn_template
from subscriptions.message_templates.compile import BadPlaceholder, Compiled, MissingValue, compile_lines
from subscriptions.message_templates.limits import Limit, limits
from subscriptions.message_templates.problem import Problem
from subscriptions.message_templates.samples import SAMPLE_AGENCY, SAMPLE_CONTACT, longest_values, sample_values
from subscriptions.message_templates.variants import TooMany, Variant, may_lack, variants
from subscriptions.specs import FieldSpec, StageSpec, Words


@dataclass(frozen=True, slots=True)
class Emptied:
    """The text without some values; `without` names them."""

    without: Promise | str
    text: str


@dataclass(frozen=True, slots=True)
class VariantText:
    """One text that a vendor approves. `key`: `Variant.key`, "" for the main one."""

    key: str
    text: str  # with sample values
    template: str  # as it is submitted


@dataclass(frozen=True, slots=True)
class Preview:
    """A template filled with samples, in its longest variant. Counts are of the body.

    `*_longest` is with the longest possible values.
    """

    channel: str
    title: str  # the template itself, unfilled, where it cannot be filled
    text: str
    chars: int
    bytes: int | None  # EUC-KR; None where it holds a character that EUC-KR lacks
    chars_longest: int
    bytes_longest: int | None
    longest: str  # the text with the longest possible values
    kind: str  # for sms: SMS or LMS, by the sample; "" elsewhere
    limit: Limit
    problems: list[Problem]
    warnings: list[Problem]
    emptied: list[Emptied]  # with every optional field empty, then with each one alone
    texts: list[VariantText]  # all variants, the longest first; one where no line can be left out


def preview(
    body: str,
    title: str,
    channel: str,
    language: Language,
    fields: Sequence[FieldSpec],
    stage: StageSpec | None = None,
    *,
    sensitive: bool = False,
    agency: Words = SAMPLE_AGENCY,
    contact: str = SAMPLE_CONTACT,
) -> Preview:
    """Return the preview. Never raises for a bad template: `problems` lists its mistakes and `text` shows the input."""
    samples = sample_values(fields, language, agency=agency, contact=contact)
    longest, limit = longest_values(fields, language), limits(channel)
    if limit.euc_kr_only:  # as it is sent
        samples = {name: without_marks(plain_signs(value, in_euc_kr), in_euc_kr) for name, value in samples.items()}
    found = _variants(body, tuple(fields), stage)
    text = _sample(body, found[0], samples) if found else body
    whole = max((_filled(item.text, body, longest) for item in found), key=len, default=body)
    size = _bytes(text)
    return Preview(
        channel=channel,
        title=_title(title, samples),
        text=text,
        chars=len(text),
        bytes=size,
        chars_longest=len(whole),
        bytes_longest=_bytes(whole),
        longest=whole,
        kind=_kind(size, limit),
        limit=limit,
        problems=check_template(body, title, channel, language, fields, stage, sensitive=sensitive),
        warnings=warn_template(body, title, channel, language, fields),
        emptied=_emptied(body, found, samples, fields, stage),
        texts=[
            VariantText(item.key if nth else "", _sample(body, item, samples), item.text.vendor_text)
            for nth, item in enumerate(found)
        ],
    )


def _variants(body: str, fields: tuple[FieldSpec, ...], stage: StageSpec | None) -> tuple[Variant, ...]:
    try:
        return variants.__wrapped__(body, fields, stage)
    except (BadPlaceholder, TooMany):
        return ()


def _emptied(
    body: str,
    found: Sequence[Variant],
    samples: Mapping[str, str],
    fields: Sequence[FieldSpec],
    stage: StageSpec | None,
) -> list[Emptied]:
    """Return the main text without the optional values that a record may lack."""
    if not found:
        return []
    lines = compile_lines(body)
    asked = {*lines.placeholders, *(condition.name for condition in lines.conditions)}
    names = [item.placeholder for item in fields if item.placeholder in asked and may_lack(stage, item)]
    sets = [names, *([name] for name in names if len(names) > 1)] if names else []
    return [Emptied(_label(gone, names), _without(body, found[0], samples, gone)) for gone in sets]


def _label(gone: Sequence[str], names: Sequence[str]) -> Promise | str:
    return _("Without any optional value") if len(gone) == len(names) else _("Without %s") % gone[0]


def _without(body: str, main: Variant, samples: Mapping[str, str], gone: Sequence[str]) -> str:
    values = {**samples, **dict.fromkeys(gone, "")}
    facts = {name: fact for name, fact in main.facts.items() if name not in gone}
    lines = compile_lines(body)
    return _filled(lines.pick(values, facts), body, values)


def _sample(body: str, variant: Variant, samples: Mapping[str, str]) -> str:
    """Return the text with sample values, as far as the fields have one."""
    return _without(body, variant, samples, sorted(variant.absent))


def _title(title: str, samples: Mapping[str, str]) -> str:
    try:
        return compile_lines(title).fill(samples)
    except (BadPlaceholder, MissingValue):
        return title


def _filled(compiled: Compiled, text: str, values: Mapping[str, str]) -> str:
    try:
        return compiled.fill(values)
    except MissingValue:
        return text


def _kind(size: int | None, limit: Limit) -> str:
    if limit.short_bytes is None:
        return ""
    return "SMS" if size is not None and size <= limit.short_bytes else "LMS"


def _bytes(text: str) -> int | None:
    try:
        return euc_kr_bytes(text)
    except NotInEucKr:
        return None
