"""The scan of .ci: what is found and not accepted fails, a review that is due fails, and "not known" is said."""

import importlib.util
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from tests.plugin import ROOT

TODAY = date(2026, 11, 28)
ENTRY = """
[[accepted]]
tool = "pip-audit"
id = "PYSEC-1"
where = "flask"
accepted_on = 2026-11-01
review_by = 2026-12-01
reason = "not reached from outside"
"""


@pytest.fixture(scope="module")
def scan() -> Any:
    spec = importlib.util.spec_from_file_location("scan", ROOT / ".ci/scan.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["scan"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def audit(**vulnerable: list[str] | None) -> str:
    """pip-audit's JSON; a package with None was not answered for."""
    packages = [
        {"name": name, "skip_reason": "Dependency not found on PyPI"}
        if ids is None
        else {"name": name, "version": "1", "vulns": [{"id": each, "fix_versions": ["2"]} for each in ids]}
        for name, ids in vulnerable.items()
    ]
    return json.dumps({"dependencies": packages, "fixes": []})


def services(**answers: str) -> Callable[[str], str]:
    return answers.__getitem__


def test_what_is_found_and_not_accepted_fails(scan: Any) -> None:
    found = scan.fetch_advisories(services(osv=audit(flask=["PYSEC-1", "PYSEC-2"], django=[])))
    assert found.unknown == ""
    [wrong] = scan.judge(found.findings, scan.read_accepted(ENTRY), TODAY)
    assert wrong.startswith("pip-audit PYSEC-2 in flask")


def test_an_acceptance_whose_review_is_due_fails_even_if_nothing_is_found(scan: Any) -> None:
    accepted = scan.read_accepted(ENTRY)
    assert scan.judge([], accepted, date(2026, 12, 1)) == []
    [wrong] = scan.judge([], accepted, date(2026, 12, 2))
    assert "review it" in wrong


@pytest.mark.parametrize(
    "answers",
    [
        {"osv": "", "pypi": ""},
        {"osv": "Traceback (most recent call last):", "pypi": audit(flask=None, django=None)},
        {"osv": audit(flask=None, django=[]), "pypi": audit(flask=None, django=[])},
    ],
    ids=["no answers", "all are skipped", "one is skipped"],
)
def test_where_a_package_was_not_answered_for_it_is_not_known(scan: Any, answers: dict[str, str]) -> None:
    assert scan.fetch_advisories(services(**answers)).unknown


def test_a_service_that_hangs_is_one_that_does_not_answer(scan: Any) -> None:
    def hang(service: str) -> str:
        raise subprocess.TimeoutExpired("pip_audit", 1)

    assert scan.fetch_advisories(hang).unknown == "osv does not answer; pypi does not answer"


@pytest.mark.parametrize("change", [("reason", ""), ("review_by", date(2026, 10, 1))])
def test_an_acceptance_has_a_reason_and_a_review_ahead(scan: Any, change: tuple[str, Any]) -> None:
    name, value = change
    written = f'{name} = "{value}"' if isinstance(value, str) else f"{name} = {value}"
    lines = [written if line.startswith(name) else line for line in ENTRY.splitlines()]
    with pytest.raises(ValueError, match="a reason"):
        scan.read_accepted("\n".join(lines))


def test_our_own_list_can_be_read_and_no_entry_waits_longer_than_a_year(scan: Any) -> None:
    accepted = scan.read_accepted((ROOT / ".ci/accepted.toml").read_text(encoding="utf-8"))
    assert accepted
    assert all((entry.review_by - entry.accepted_on).days <= 366 for entry in accepted)


def test_a_weak_spot_fails_unless_its_file_is_accepted(scan: Any) -> None:
    each = {"test_id": "B608", "filename": "./payments/x.py", "line_number": 3, "issue_text": "SQL"}
    report = json.dumps({"errors": [], "results": [each, {**each, "test_id": "B602"}]})
    accepted = scan.read_accepted((ROOT / ".ci/accepted.toml").read_text(encoding="utf-8"))
    assert scan.judge(scan.read_bandit(report), accepted, TODAY) == ["bandit B602 in payments/x.py: line 3: SQL"]


def test_the_bill_of_materials_has_every_locked_package(scan: Any) -> None:
    locked = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    components = scan.bill_of_materials(locked)["components"]
    assert len(components) == sum("==" in line and not line.startswith((" ", "#")) for line in locked.splitlines())
    assert all(component["hashes"] for component in components)


def test_ci_runs_it() -> None:
    assert ".ci/scan.py" in (ROOT / ".ci/run").read_text()
