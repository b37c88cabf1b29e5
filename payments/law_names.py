"""Name laws in English, by the Korea Legislation Research Institute (elaw.klri.re.kr)."""

import re

from secretary.kernel.korean.korean import Language

# A law that is missing keeps its own name alone.
LAWS = {
    "질서위반행위규제법": "Act on the Regulation of Violations of Public Order",
    "즉결심판에 관한 절차법": "Act on the Proceedings for Summary Judgments",  # viewer.do?hseq=45373
    "국고금 관리법": "Management of the National Funds Act",  # as its decree cites it: viewer.do?hseq=46683
    "도로교통법": "Road Traffic Act",
    "민법": "Civil Act",
    "시행령": "Enforcement Decree",
}
_NAMED = re.compile("|".join(LAWS))


def cited(article: str, language: Language) -> str:
    """Return an article of a law; in English with the law's English name before its own, by which it is looked up."""
    if language != "en":
        return article
    return _NAMED.sub(lambda found: f"{LAWS[found[0]]} ({found[0]})", article)
