"""Write our site's address into a template, in words, where its author wrote `#{누리집}`.

It is written when the template is stored, and is no placeholder of a message: a vendor approves the text with the
address in it, its length counts as it is, and the release before this one can send it. No link: phones make none of it
(links.py); a person types it.
"""

from typing import Final

from django.conf import settings

from secretary.kernel.korean.korean import Language

SITE: Final = "누리집"
_WRITTEN: Final = f"#{{{SITE}}}"


def with_site(text: str, language: Language) -> str:
    """Return `text` with the address, such as “ips 점 go 점 kr”, in place of `#{누리집}`."""
    return text.replace(_WRITTEN, site_in_words(language))


def site_in_words(language: Language) -> str:
    words: str = settings.SITE_IN_WORDS[language]
    return words
