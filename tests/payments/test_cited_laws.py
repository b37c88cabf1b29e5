"""Every law that pages cite has its English name on pages in English."""

import ast
import re
from pathlib import Path

from payments.templatetags.shown import cited

# In quotes: as pages print it. An article alone goes on with the law before it.
CITED = re.compile(r'["\'](?:[^"\'§]*?, )*([가-힣 ]+?) §')
SOURCES = (*Path("payments").rglob("*.py"), *Path("templates/payments").glob("*.html"))


def laws_of(source: Path) -> set[str]:
    text = source.read_text(encoding="utf-8")
    if source.suffix == ".html":
        return set(CITED.findall(text))
    words = [node.value for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Constant)]
    return {law for each in words if isinstance(each, str) for law in CITED.findall(f'"{each}"')}


def test_every_law_that_is_cited_has_its_english_name() -> None:
    laws = set[str]().union(*map(laws_of, SOURCES))
    assert {"즉결심판에 관한 절차법", "국고금 관리법", "질서위반행위규제법"} <= laws
    in_english = {law: re.sub(r"\([가-힣 ]+\)", "", cited(law, "en")) for law in laws}
    assert {law: words for law, words in in_english.items() if re.search("[가-힣]", words)} == {}


def test_a_law_is_named_as_the_research_institute_does_and_looked_up_by_its_own_name() -> None:
    trial, funds = "즉결심판에 관한 절차법 §14", "국고금 관리법 §47①"
    assert cited(trial, "en") == "Act on the Proceedings for Summary Judgments (즉결심판에 관한 절차법) §14"
    assert cited(funds, "en") == "Management of the National Funds Act (국고금 관리법) §47①"
    assert cited("도로교통법 시행령 §89①", "en") == "Road Traffic Act (도로교통법) Enforcement Decree (시행령) §89①"
    assert cited(trial, "ko") == trial
