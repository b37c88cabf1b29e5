"""Choose one of the two languages: of this page, and of any language code."""

from django.utils.translation import get_language

from secretary.kernel.korean.korean import Language


def as_language(code: str | None) -> Language:
    """Return Korean for every code but English."""
    return "en" if code == "en" else "ko"


def language() -> Language:
    """Return that of the page that is being answered."""
    return as_language(get_language())
