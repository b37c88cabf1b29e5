"""What a page must be at every size: accessible to the letter of WCAG 2.2 AA, and never wider than the screen."""

import re
from collections.abc import Sequence
from io import BytesIO
from itertools import product
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Page, ViewportSize

from tests.browser import looked_at
from tests.support.accessibility import measured, violations

# Width, and what the server writes into the class of <html> for the reader's choice.
DISPLAYS = ((1280, "size-100"), (390, "size-100"), (390, "size-150"), (320, "size-100 contrast"), (320, "size-150"))
CHECKED = (DISPLAYS[0], DISPLAYS[2], DISPLAYS[3])
EVERY = tuple(product((1280, 390, 320), ("size-100", "size-150", "size-100 contrast")))
EVERYWHERE: list[bool] = []  # whether axe looks at all of them, where a run asks for it (--every-display)
NARROW_TARGETS = """() => [...document.querySelectorAll('a, button, summary, input:not([type=hidden])')]
    .filter(e => e.checkVisibility() && !e.closest('p, .error-summary, .hidden, .skip') && !e.matches('.skip'))
    .filter(e => !e.matches('li > a') || e.parentElement.textContent.trim() == e.textContent.trim()) // in no sentence
    .map(e => [e.outerHTML.slice(0, 80), e.matches('.choice > input') ? e.parentElement : e])
    .map(([html, e]) => [html, e.getBoundingClientRect()])
    .filter(([html, box]) => box.height < 43.5 || box.width < 23.5).map(([html, box]) => html + ' ' + box.height)"""
# What is drawn outside the screen to the left can't be scrolled to: the panel of the display choices, opened.
OFF_SCREEN = """() => { const panel = document.querySelector('details.display');
    if (!panel) return [];
    panel.open = true;
    const box = panel.querySelector('form, .panel-of-display').getBoundingClientRect(); panel.open = false;
    return box.left < 0 || box.right > innerWidth ? [box.left, box.right] : []; }"""

# Days, hours, amounts and telephone numbers on two lines; not on the likeness of a phone, which shows what is sent.
BROKEN = r"""() => { const found = [], range = document.createRange();
    const fits = piece => { // a long day at 150 % may be wider than its card
        if (!piece.matches('.date')) return true;
        piece.style.whiteSpace = 'nowrap';
        const width = piece.getBoundingClientRect().width;
        piece.style.whiteSpace = '';
        let around = piece.parentElement;
        while (getComputedStyle(around).display == 'inline') around = around.parentElement;
        const style = getComputedStyle(around);
        return width <= around.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight); };
    const days = /\d{4}\. \d+\. \d+\.(\(.\))?|\w{3}, \d+ \w+ \d{4}|오[전후] \d+:\d\d/;
    const numbers = /(010-\d{4}|(?<![\d-])1\d{3})-\d{4}(?![\d-])|[\d,]+( won|원)/;
    const pieces = new RegExp(`${days.source}|${numbers.source}`, 'g');
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walk.nextNode(); node; node = walk.nextNode()) {
        if (!node.parentElement.checkVisibility() || node.parentElement.closest('.phone, .hidden')) continue;
        for (const hit of node.data.matchAll(pieces)) {
            range.setStart(node, hit.index); range.setEnd(node, hit.index + hit[0].length);
            const boxes = [...range.getClientRects()];
            if (boxes.some(box => Math.abs(box.top - boxes[0].top) > 4) && fits(node.parentElement)) found.push(hit[0]);
        } }
    return found; }"""

# Punctuation that begins a line, behind a day or an hour; the largest letters leave no choice to a dot between two.
ALONE = r"""() => [...document.querySelectorAll('.date')].filter(piece => {
    const next = piece.nextSibling;
    const begins = document.documentElement.matches('.size-150') ? /^[.,;:)]/ : /^\s*[·.,;:)]/;
    if (!piece.checkVisibility() || next?.nodeType != Node.TEXT_NODE || !begins.test(next.data)) return false;
    const range = document.createRange(), lines = [...piece.getClientRects()];
    const at = next.data.search(/\S/);
    range.setStart(next, at); range.setEnd(next, at + 1);
    return range.getBoundingClientRect().top > lines.at(-1).bottom - 4;
}).map(piece => piece.parentElement.textContent)"""

# All of it for one display in one message: to send five takes the browser and us as long as to look.
MEASURED = f"""classes => {{
    document.documentElement.className = classes;
    return [document.documentElement.scrollWidth, ({NARROW_TARGETS})(), ({OFF_SCREEN})(), ({BROKEN})(), ({ALONE})()];
}}"""

# The administrators' pages: the reader's choice is a class of <body>, and none is wider than the screen.
ADMIN_WIDTH = """choice => {
    document.body.classList.remove('contrast', 'size-150');
    if (choice) document.body.classList.add(choice);
    return document.documentElement.scrollWidth;
}"""

# Days, amounts and mobile numbers in a form that is not ours: "2026-03-14", "32000원", a number that is not masked.
RAW = re.compile(
    r"\b\d{4}-\d{2}-\d{2}\b|(?<![\d,])\d{4,} ?(?:원|won)|(?:₩|KRW) ?\d{4,}|\+82\d+|\b01[016-9]-?\d{3,4}-?\d{4}\b"
)
EXAMPLE = "010-0000-1234"  # beside a field

COLOURS, BRAND = 24, (0x25, 0x6E, 0xF4)  # of a picture: the most frequent, as they are, and that of the logo
SCREENS: list[Path] = []  # the folder for screenshots of every page, where a run asks for them (--screens FOLDER)
PICTURED = (DISPLAYS[0], DISPLAYS[1])  # a desktop's width, and a phone's


def raw_forms(page: Page) -> list[str]:
    """What people read in a form of machines; what they type themselves is in fields, and no text."""
    return [each for each in RAW.findall(page.evaluate("document.body.innerText")) if each != EXAMPLE]


def of_width(page: Page, width: int) -> None:
    """To set the width that it has already takes the browser and us as long as to set another."""
    size: ViewportSize = {"width": width, "height": 844}
    if page.viewport_size != size:
        page.set_viewport_size(size)


def wait_for_focus(page: Page, selector: str) -> None:
    """A page gives the focus to what wants it a moment after it has loaded."""
    page.locator(f"{selector}:focus").wait_for(state="attached")


def assert_good(page: Page, name: str, *, checked: Sequence[tuple[int, str]] = CHECKED) -> None:
    """`checked`: the displays at which axe looks too, which takes most of the time."""
    page.wait_for_load_state("load")  # a click only waits for the answer, not for the style sheet
    assert not (raw := raw_forms(page)), f"{name}: {raw}"
    for width, classes in EVERY if EVERYWHERE else DISPLAYS:
        of_width(page, width)
        (wide, narrow, hidden, broken_days, alone), structure = measured(page, MEASURED, classes)
        assert wide <= width, f"{name} at {width} px, {classes}: {wide} px wide"
        assert not narrow, f"{name} at {width} px, {classes}: {narrow}"
        assert not hidden, f"{name} at {width} px, {classes}: {hidden}"
        assert not broken_days, f"{name} at {width} px, {classes}: on two lines: {broken_days}"
        assert not alone, f"{name} at {width} px, {classes}: punctuation begins a line: {alone}"
        if (width, classes) in PICTURED:
            picture(page, name, width)
        if EVERYWHERE or (width, classes) in checked:
            broken = violations(page, anew=bool(EVERYWHERE), structure=structure)
            assert not broken, f"{name} at {width} px, {classes}: {broken}"
    if EVERYWHERE or checked:
        looked_at.note(page)


def picture(page: Page, name: str, width: int) -> None:
    """Save the whole page as `FOLDER/page--state-width.png`, in a few colours: a quarter of the bytes."""
    for folder in SCREENS:
        folder.mkdir(parents=True, exist_ok=True)
        page_and_state = [re.sub(r"\W+", "-", part.lower()).strip("-") for part in name.split(",")]
        file = "--".join(page_and_state)
        taken = Image.open(BytesIO(page.screenshot(full_page=True))).convert("RGB")
        often: Any = taken.getcolors(1 << 24)
        kept = [BRAND, *(colour for _times, colour in sorted(often)[-COLOURS:])]
        flat = Image.new("P", (1, 1))
        flat.putpalette([part for colour in kept for part in colour])
        taken.quantize(palette=flat, dither=Image.Dither.NONE).save(folder / f"{file}-{width}.png", optimize=True)
