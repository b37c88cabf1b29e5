"""Known weaknesses of what we use (pip-audit) and weak spots in what we wrote (bandit), against .ci/accepted.toml.

What is found and not accepted fails, and so does an acceptance whose review is due. Where no service of advisories
answers, that is said: "not known" is not "none". Writes a bill of materials (CycloneDX) to var/sbom.cdx.json.
"""

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PRODUCT = ("secretary", "subscriptions", "notifications", "payments", "citizens", "manage.py")
SERVICES = ("osv", "pypi")
SECONDS = 120  # for one service; without a network they give up in a few


@dataclass(frozen=True)
class Finding:
    tool: str
    id: str
    where: str  # bandit: the file; pip-audit: the package
    says: str


@dataclass(frozen=True)
class Acceptance:
    """`where`: a file or package, as in a shell's pattern. Both dates are days; after `review_by` it counts no more."""

    tool: str
    id: str
    where: str
    accepted_on: date
    review_by: date
    reason: str

    def covers(self, finding: Finding) -> bool:
        return (self.tool, self.id) == (finding.tool, finding.id) and fnmatch(finding.where, self.where)


@dataclass(frozen=True)
class Advisories:
    """What the services of advisories said; `unknown`: in words, "" where every package was answered for."""

    findings: list[Finding]
    unknown: str


def judge(findings: Iterable[Finding], accepted: Sequence[Acceptance], today: date) -> list[str]:
    """Return what is wrong, one line each; [] where everything found is accepted and no acceptance is overdue."""
    wrong = [
        f"{one.tool} {one.id} in {one.where}: accepted until {one.review_by}; review it in .ci/accepted.toml"
        for one in accepted
        if one.review_by < today
    ]
    for finding in findings:
        if not any(one.covers(finding) for one in accepted):
            wrong.append(f"{finding.tool} {finding.id} in {finding.where}: {finding.says}")
    return wrong


def read_accepted(text: str) -> list[Acceptance]:
    """Raise TypeError for an entry that lacks something or says too much, ValueError without a reason."""
    entries = [Acceptance(**entry) for entry in tomllib.loads(text).get("accepted", [])]
    for entry in entries:
        if not entry.reason.strip() or entry.review_by <= entry.accepted_on:
            raise ValueError(f"{entry.tool} {entry.id}: a reason, and a review after the day it was accepted on")
    return entries


def read_bandit(output: str) -> list[Finding]:
    report = json.loads(output)
    broken = [Finding("bandit", "unread", error["filename"], error["reason"]) for error in report["errors"]]
    return broken + [
        Finding(
            "bandit",
            each["test_id"],
            each["filename"].removeprefix("./"),
            f"line {each['line_number']}: {each['issue_text']}",
        )
        for each in report["results"]
    ]


def read_audit(output: str) -> tuple[list[Finding], int, int]:
    """Return findings, how many packages were answered for, and how many there are."""
    packages: list[dict[str, Any]] = json.loads(output)["dependencies"]
    known = [package for package in packages if "skip_reason" not in package]
    findings = [
        Finding(
            "pip-audit",
            vulnerability["id"],
            package["name"],
            f"{package['version']}, mended in {vulnerability['fix_versions']}",
        )
        for package in known
        for vulnerability in package["vulns"]
    ]
    return findings, len(known), len(packages)


def fetch_advisories(ask: Callable[[str], str] | None = None) -> Advisories:
    """From the first service that answers for every package; else the findings of all, and what is not known."""
    findings: list[Finding] = []
    heard: list[str] = []
    for service in SERVICES:
        try:
            found, known, packages = read_audit((ask or _pip_audit)(service))
        except (json.JSONDecodeError, KeyError, subprocess.TimeoutExpired):
            heard.append(f"{service} does not answer")
            continue
        findings += found
        if known == packages:
            return Advisories(findings, "")
        heard.append(f"{service} answers for {known} of {packages} packages")
    return Advisories(findings, "; ".join(heard))


def bill_of_materials(requirements: str) -> dict[str, Any]:
    """CycloneDX 1.6 of a lock file with hashes."""
    components = []
    for block in re.split(r"\n(?=\S)", requirements):
        if (found := re.match(r"([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==(\S+)", block)) is None:
            continue
        name, version = found[1].lower(), found[2]
        hashes = [{"alg": "SHA-256", "content": each} for each in re.findall(r"sha256:([0-9a-f]{64})", block)]
        purl = f"pkg:pypi/{name}@{version}"
        components.append({"type": "library", "name": name, "version": version, "purl": purl, "hashes": hashes})
    return {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": components}


def main(today: date) -> int:
    accepted = read_accepted((ROOT / ".ci/accepted.toml").read_text(encoding="utf-8"))
    requirements = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    (ROOT / "var").mkdir(exist_ok=True)
    (ROOT / "var/sbom.cdx.json").write_text(json.dumps(bill_of_materials(requirements), indent=1), encoding="utf-8")
    advisories, weak_spots = fetch_advisories(), read_bandit(_bandit())
    wrong = judge([*advisories.findings, *weak_spots], accepted, today)
    print("\n".join(["── scan", *wrong]))
    print(f"bandit: {len(weak_spots)} found, all accepted or listed above")
    print(
        f"advisories: NOT KNOWN: {advisories.unknown}"
        if advisories.unknown
        else "advisories: every package was answered for"
    )
    print(f"scan: {'failed' if wrong else 'passed'}")
    return 1 if wrong else 0


def _pip_audit(service: str) -> str:
    given = ["-r", "requirements.txt", "--disable-pip", "-s", service, "-f", "json", "--timeout", "10"]
    return _run("pip_audit", *given, "--progress-spinner", "off")


def _bandit() -> str:
    return _run("bandit", "-q", "-r", *PRODUCT, "-f", "json")


def _run(module: str, *arguments: str) -> str:
    command = [sys.executable, "-m", module, *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, check=False).stdout


if __name__ == "__main__":
    sys.exit(main(date.today()))
