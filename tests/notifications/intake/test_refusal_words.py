"""Test that each refusal code in an answer to an agency comes with its remedy in both languages."""

import ast
from pathlib import Path

from django.conf import settings
from django.utils import translation

from notifications.intake.refusal_words import BATCH_REMEDIES, REMEDIES, remedy_in_both
from notifications.sources.contract import REFUSALS
from tests.support.together import in_one_test

INTAKE = ("parsing/schema.py", "parsing/parse.py", "ingest.py")
SIGNED = (
    "secretary/kernel/http/standard_webhooks.py",
    "notifications/intake/push.py",
    "notifications/sources/strict_json.py",
)
BASE = Path(settings.BASE_DIR)


def raised(path: Path, *names: str) -> set[str]:
    """The codes that a module gives these exceptions: texts in the place of the code, constants among them."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    constants = {
        target.id: node.value.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and getattr(node.func, "id", "") in names]
    found: set[str] = set()
    for call in calls:
        for part in (
            ast.walk(call.args[0])
            if not isinstance(call.args[0], ast.IfExp)
            else (call.args[0].body, call.args[0].orelse)
        ):
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                found.add(part.value)
            elif isinstance(part, ast.Name) and part.id in constants:
                found.add(constants[part.id])  # type: ignore[arg-type]
    return found


def test_every_code_of_a_line_has_its_remedy_and_there_is_no_remedy_without_a_code() -> None:
    codes = set(REFUSALS).union(*(raised(BASE / "notifications/intake" / name, "Unacceptable") for name in INTAKE))
    assert len(codes) > 30
    assert codes == set(REMEDIES)


def test_every_code_of_a_batch_has_its_remedy() -> None:
    codes = set().union(*(raised(BASE / name, "Forged", "Stale", "SourceRefused") for name in SIGNED))
    for api in ("intake/api.py", "intake/push.py", "agencies/api.py"):
        codes |= raised(BASE / "notifications" / api, "problem")
    assert {"too_old", "from_the_future", "id_used", "batch_refused", "too_large"} <= codes
    assert codes <= set(REMEDIES) | set(BATCH_REMEDIES)
    assert set(BATCH_REMEDIES) <= codes


@in_one_test("code", sorted({*REMEDIES, *BATCH_REMEDIES, "of_an_earlier_release"}))
def test_a_remedy_is_a_sentence_in_english_and_another_in_korean(code: str) -> None:
    for language in ("en", "ko"):
        with translation.override(language):  # in any language of the request
            remedy = remedy_in_both(code)
            assert set(remedy) == {"en", "ko"}
            assert len(remedy["en"]) > 15 and remedy["en"] != remedy["ko"]
            assert any("가" <= sign <= "힣" for sign in remedy["ko"])
