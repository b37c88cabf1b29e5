"""axe on a page: each question once.

Three displays of a page have the same marks, so that only what they draw is another one; and pages are made of the same
few texts on the same few grounds. axe takes 150 ms of CPU for all rules, half of it for contrast.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
# What depends on places and colours; all other rules read marks, and which of them can be seen.
DRAWN = ("color-contrast", "link-in-text-block", "scrollable-region-focusable", "skip-link", "target-size")

_SCRIPT = Axe().axe_script + "\n;" + Path(__file__).with_name("axe_once.js").read_text(encoding="utf-8")
# A colour that is on its way to another one is neither of the two that a person reads.
_STRUCTURE = """() => Promise.allSettled(
    document.getAnimations().filter(each => each instanceof CSSTransition).map(each => each.finished))
    .then(() => 'once' in window ? once.structure() : null)"""

_contrasts: set[int] = set()  # that axe has passed
_structures: set[tuple[int, tuple[str, ...]]] = set()  # that axe has passed, and for which tags


def measured(page: Page, script: str, argument: object) -> tuple[Any, int | None]:
    """What a script returns of this argument, and what `violations` may then be given as the structure: in one message,
    since each takes the browser, Playwright and us some milliseconds."""
    both = f"argument => {{ const found = ({script})(argument); return ({_STRUCTURE})().then(each => [found, each]); }}"
    found, structure = page.evaluate(both, argument)
    return found, structure


def violations(
    page: Page, tags: Sequence[str] = RULES, *, anew: bool = False, structure: int | None = None
) -> list[list[str]]:
    """Rules that are broken and where. `anew`: ask everything, whatever has passed before. `structure`: where it has
    just been asked for."""
    if structure is None:
        structure = page.evaluate(_STRUCTURE)
    if structure is None:  # half a megabyte: now, and by the browser itself in each later document of this tab
        page.evaluate(_SCRIPT)
        page.add_init_script(_SCRIPT)
        structure = page.evaluate(_STRUCTURE)
    passed = not anew and (structure, tuple(tags)) in _structures
    known = "" if anew else " ".join(map(str, _contrasts))
    asked = [list(tags), list(DRAWN) if passed else None, known]
    broken: list[list[str]]
    broken, fresh = page.evaluate("asked => once.run(...asked)", asked)
    _contrasts.update(fresh)
    if not broken:
        _structures.add((structure, tuple(tags)))
    return broken
