"""Check whether a message template may be sent, and describe every problem in terms of the editor."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final

from django.utils.translation import gettext_lazy as _

from secretary.kernel.korean.korean import Language, clean_text, euc_kr_bytes, hidden_characters, missing_from_euc_kr
from subscriptions.message_templates.check_conditions import check_conditions
from subscriptions.message_templates.compile import BadPlaceholder, Compiled, compile_lines, compile_template
from subscriptions.message_templates.limits import Limit, limits
from subscriptions.message_templates.links import find_link
from subscriptions.message_templates.prices import PRICES, has_price
from subscriptions.message_templates.problem import Problem
from subscriptions.message_templates.problem import problem as _problem
from subscriptions.message_templates.samples import longest_name_values, longest_values
from subscriptions.message_templates.site import SITE, site_in_words
from subscriptions.message_templates.values import BUILT_IN, CHECK_CODE, DAYS_LEFT, EARLIER, EARLIER_CODE
from subscriptions.message_templates.variants import TooMany, variants
from subscriptions.specs import FieldSpec, StageSpec
from subscriptions.triggers import NOT_YOURS

_MOST_CHARS: Final = 5000  # longer texts are not parsed
# Django and Jinja tags, shell and format strings, attribute access, HTML: none of it has an effect
# here, and all of it shows that an author expects one.
_CODE: Final = re.compile(
    r"\{\{|\}\}|\{%|%\}|\{#|#\}|\$\{|%\([^)\s]*\)[sd]|__\w+__|<[a-zA-Z/!]|&(?:#\d+|#x[0-9a-fA-F]+|[a-z]{2,8});"
)
_STRAY_BRACE: Final = re.compile(r"[{}]")
_DANGLING: Final = re.compile(r"^.*[:：] *(?=\n\n|\Z)", re.MULTILINE)  # a label without a value behind it


class _HasProblemsError(Exception):
    """Raised so that only what passes is remembered: problems are described in the reader's language."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems


def check_template(
    body: str,
    title: str,
    channel: str,
    language: Language,
    fields: Sequence[FieldSpec],
    stage: StageSpec | None = None,
    *,
    sensitive: bool = False,
) -> list[Problem]:
    """Return every problem of a template, [] when it may be sent. Lengths are those with the longest possible values.

    Codes: empty, title_missing, too_long, hidden, line_break, code, link, unclosed, name, particle, condition,
    condition_place, condition_name, condition_kind, unknown, private, days_left, earlier, not_yours, check_code,
    earlier_code, price, lock_screen, title_changes, variants, dangling, euc_kr, chars, bytes.
    """
    limit, of_vendors = limits(channel), limits("kakaotalk")
    try:
        _pass(body, title, language, tuple(fields), stage, limit, of_vendors, sensitive=sensitive)
    except _HasProblemsError as found:
        return found.problems
    return []


# A draft's page and each change of a draft check eighty texts, of which one is new.
@lru_cache(maxsize=4096)
def _pass(
    body: str,
    title: str,
    language: Language,
    fields: tuple[FieldSpec, ...],
    stage: StageSpec | None,
    limit: Limit,
    _of_vendors: Limit,
    *,
    sensitive: bool,
) -> None:
    """Raise what is wrong with a template; the arguments are all that this depends on."""
    problems = [*_check_text(body, "body"), *_check_text(title, "title")]
    if not body.strip():
        problems.append(Problem("empty", "body", _("The text is empty.")))
    if limit.title_required and not title.strip():
        problems.append(Problem("title_missing", "title", _("This channel needs a title.")))
    longest = longest_values(fields, language)
    most = longest, longest_name_values(fields, longest)
    for where, text in (("body", body), ("title", title)):
        problems += _check_filled(text, where, limit, most, fields, stage)
    if sensitive:
        problems += _check_lock_screen(body, title, fields)
    if problems:
        raise _HasProblemsError(problems)


def _check_text(text: str, where: str) -> Iterator[Problem]:
    """Yield problems of the text as typed, before its placeholders are parsed."""
    if len(text) > _MOST_CHARS:
        yield _problem("too_long", where, _("This is longer than %(most)d characters."), most=_MOST_CHARS)
        return
    hidden = ", ".join(hidden_characters(text))
    if hidden:
        yield _problem("hidden", where, _("Remove the invisible characters %(hidden)s."), hidden=hidden)
    if where == "title" and "\n" in clean_text(text):
        yield _problem("line_break", where, _("A title is one line."))
    if found := _CODE.search(text):
        message = _("“%(found)s” looks like program code. Only placeholders such as #{이름} work here.")
        yield _problem("code", where, message, found=found.group())
    if link := find_link(re.sub(r"#\{[^#{}]*\}", "", text)) or find_link(re.sub(r"#\{[^#{}]*\}", "x", text)):
        message = _("“%(link)s” is or looks like a link. Notices carry no links, to protect people from imitations.")
        yield _problem("link", where, message, link=link)


def _check_filled(
    text: str,
    where: str,
    limit: Limit,
    most_values: tuple[dict[str, str], ...],
    fields: tuple[FieldSpec, ...],
    stage: StageSpec | None,
) -> Iterator[Problem]:
    """Check placeholders and conditions, and then, if they can be parsed, all variants."""
    if len(text) > _MOST_CHARS or (where == "title" and not text):
        return
    try:
        lines = compile_lines.__wrapped__(text)
    except BadPlaceholder as bad:
        yield _problem(bad.reason, where, _BAD[bad.reason], written=bad.written)
        return
    if any(_STRAY_BRACE.search(literal) for line in lines.lines for literal in compile_template(line.text).literals):
        yield _problem("code", where, _("Curly brackets are only for placeholders such as #{이름}."))
    wrong = [
        *(found for name in lines.placeholders for found in _check_placeholder(name, where, fields, stage)),
        *check_conditions(lines.conditions, where, fields, stage),
    ]
    yield from wrong
    if not wrong:
        yield from _check_variants(text, where, limit, most_values, fields, stage)


_BAD: Final = {
    "unclosed": _("A placeholder opened with #{ is not closed, or is closed in the wrong place."),
    "name": _("“%(written)s” is not a valid placeholder name. Write letters only, as in #{이름}."),
    "particle": _("The particle in “%(written)s” is unknown. Write it as in #{이름|이/가} or #{이름|을/를}."),
    "condition": _("The condition “%(written)s” cannot be read. Write it as in #{?만나이 75 이상} or #{?금액 있음}."),
    "condition_place": _("The condition “%(written)s” must stand at the beginning of its line."),
}


def _check_placeholder(
    name: str, where: str, fields: Sequence[FieldSpec], stage: StageSpec | None
) -> Iterator[Problem]:
    public = {item.placeholder for item in fields if not item.private}
    if name in {item.placeholder for item in fields if item.private}:
        message = _("“%(name)s” is private: it may never be in a notice.")
        yield _problem("private", where, message, name=name)
    elif name in PRICES and not has_price(stage):
        message = _("“%(name)s” only works in stages at which something is due.")
        yield _problem("price", where, message, name=name)
    elif name not in public and name not in (*BUILT_IN, *PRICES):
        known = ", ".join([*sorted(public), *BUILT_IN, *PRICES])
        message = _("There is no field “%(name)s”. Use one of: %(known)s.")
        yield _problem("unknown", where, message, name=name, known=known)
    elif stage is not None:
        yield from _check_occasion(name, where, stage)


def _check_occasion(name: str, where: str, stage: StageSpec) -> Iterator[Problem]:
    """Check placeholders that have a value on some occasions only."""
    if name == DAYS_LEFT and stage.on != "date":
        message = _("“%(name)s” only works in a date-based stage.")
        yield _problem("days_left", where, message, name=name)
    elif name in EARLIER and not _is_not_yours(stage):
        message = _("“%(name)s” only works in the stage that tells people that a record was not about them.")
        yield _problem("earlier", where, message, name=name)
    elif name not in (*BUILT_IN, *PRICES) and _is_not_yours(stage):
        known = ", ".join(item for item in BUILT_IN if item != DAYS_LEFT)
        message = _("“%(name)s” is about another person at this stage. Only these may be used: %(known)s.")
        yield _problem("not_yours", where, message, name=name, known=known)


def _is_not_yours(stage: StageSpec | None) -> bool:
    return stage is not None and stage.on == NOT_YOURS


def _check_variants(
    text: str,
    where: str,
    limit: Limit,
    most_values: tuple[dict[str, str], ...],
    fields: tuple[FieldSpec, ...],
    stage: StageSpec | None,
) -> Iterator[Problem]:
    """Yield problems of all variants, each with the longest values; a problem of several variants only once."""
    try:
        found = variants.__wrapped__(text, fields, stage)
    except TooMany:
        found = ()
    most = limit.max_variants or len(found)
    if not 0 < len(found) <= most:
        message = _("This can produce %(n)s different texts; a vendor is asked to approve at most %(most)d.")
        yield _problem("variants", where, message, n=len(found) or "∞", most=most or limits("kakaotalk").max_variants)
    elif where == "title" and len(found) > 1:
        yield _problem("title_changes", where, _("A title is the same for all: it shows no value that may be missing."))
    else:
        reported = (problem for item in found for problem in _check_one(item.text, where, limit, most_values, stage))
        yield from {(problem.code, str(problem)): problem for problem in reported}.values()


def _check_one(
    compiled: Compiled, where: str, limit: Limit, most_values: tuple[dict[str, str], ...], stage: StageSpec | None
) -> Iterator[Problem]:
    if where == "body" and CHECK_CODE not in compiled.placeholders:
        message = _("Add the check code #{%(name)s}, by which staff find the notice when a person asks about it.")
        yield _problem("check_code", where, message, name=CHECK_CODE)
    if where == "body" and _is_not_yours(stage) and EARLIER_CODE not in compiled.placeholders:
        message = _("Add #{%(name)s}, so that people can find the notice that was not about them.")
        yield _problem("earlier_code", where, message, name=EARLIER_CODE)
    texts = [compiled.fill(values) for values in most_values]
    if dangling := _DANGLING.search(texts[0]):
        message = _("“%(line)s” introduces nothing where the lines after it are omitted. Give it the same condition.")
        yield _problem("dangling", where, message, line=dangling.group().strip())
    # The first that does not fit is enough: the other problems differ only in the number.
    yield from next(filter(None, (list(_check_length(text, where, limit)) for text in texts)), [])


def _check_length(text: str, where: str, limit: Limit) -> Iterator[Problem]:
    """Check lengths. `text` is a template with the longest values."""
    most_chars = limit.title_chars if where == "title" else limit.max_chars
    most_bytes = limit.title_bytes if where == "title" else limit.max_bytes
    if most_chars is not None and len(text) > most_chars:
        message = _("With the longest values this is %(length)d characters; at most %(most)d fit.")
        yield _problem("chars", where, message, length=len(text), most=most_chars)
    if limit.euc_kr_only and (missing := "".join(missing_from_euc_kr(text))):
        message = _("Text messages cannot show %(missing)s. Please rephrase.")
        yield _problem("euc_kr", where, message, missing=missing)
    elif most_bytes is not None and (size := euc_kr_bytes(text)) > most_bytes:
        message = _("With the longest values this is %(length)d bytes; at most %(most)d fit.")
        yield _problem("bytes", where, message, length=size, most=most_bytes)


def warn_template(
    body: str, title: str, channel: str, language: Language, fields: Sequence[FieldSpec]
) -> list[Problem]:
    """Return problems that do not keep a template from being sent: it may not arrive on this channel, or people cannot
    look up whether it is ours. Codes: site, value_chars."""
    return [*_warn_of_site(body, language), *_warn_of_values(body, title, channel, language, fields)]


def _warn_of_site(body: str, language: Language) -> Iterator[Problem]:
    """Each notice prints our site's address in words."""
    if site_in_words(language) not in body:
        message = _("Our site's address is missing: add #{%(name)s}, so that people can check whether it is ours.")
        yield _problem("site", "body", message, name=SITE)


def _warn_of_values(
    body: str, title: str, channel: str, language: Language, fields: Sequence[FieldSpec]
) -> list[Problem]:
    most = limits(channel).value_chars or limits(channel).new_account_value_chars
    longest = longest_values(fields, language)
    try:
        names = [name for text in (title, body) for name in compile_lines.__wrapped__(text).placeholders]
    except BadPlaceholder:
        return []
    if most is None or not (long := [name for name in dict.fromkeys(names) if len(longest.get(name, "")) > most]):
        return []
    message = _(
        "NHN accepts no value over %(most)d characters while it counts an account as new (code -1028). Where these "
        "are longer, the notice goes to the person's next channel: %(names)s."
    )
    return [_problem("value_chars", "body", message, most=most, names=", ".join(long))]


def _check_lock_screen(body: str, title: str, fields: Sequence[FieldSpec]) -> Iterator[Problem]:
    """Check that title and first line, which a locked phone shows, hold no field of a sensitive data type's record."""
    first = clean_text(body).strip().partition("\n")[0]
    named = {item.placeholder for item in fields}
    for where, text in (("body", first), ("title", title)):
        shown = [name for name in re.findall(r"#\{([^#{}|?]*)", text) if name in named]
        if shown:
            message = _("Locked phones show this line, and the data type is sensitive: move “%(name)s” further down.")
            yield _problem("lock_screen", where, message, name=shown[0])
