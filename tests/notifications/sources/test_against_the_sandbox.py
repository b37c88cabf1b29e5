"""Test the connectors with the settings of the sample feeds, against the sandbox's agencies."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from notifications.intake.sample_feeds import sample_feeds
from notifications.sources import registry
from notifications.sources.contract import Page, SourceRefused, SourceUnavailable
from notifications.sources.host_key import host_of
from tests.support.present import present
from tests.support.sandbox_process import ROOT, SandboxProcess


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    process = SandboxProcess(tmp_path_factory.mktemp("world"))
    people = ["people", "--data", str(process.data), "--citizens", "60", "--today", "2026-04-01"]
    subprocess.run([sys.executable, "-m", "sandbox", *people], cwd=ROOT, check=True, capture_output=True)
    with process:
        yield process


def read(sandbox: SandboxProcess, feed: str, cursor: dict[str, Any] | None = None, **given: Any) -> list[Page]:
    environment = sandbox.environment
    _agency, kind, settings = sample_feeds(environment["DATA_GO_KR_BASE_URL"])[feed]
    secrets = keys(sandbox, environment["DATA_GO_KR_SERVICE_KEY"])
    root = Path(environment["FILE_DROP_DIR"])
    connector = registry.build(kind, {**settings, **given}, secrets, drop_root=root, allow_private=True)
    return list(connector.pages(cursor or {}))


def keys(sandbox: SandboxProcess, key: str) -> dict[str, registry.HostKey]:
    return {"service_key": registry.HostKey(key, frozenset({host_of(sandbox.url)}))}


def records(pages: list[Page]) -> list[Any]:
    assert [line.error for page in pages for line in page.lines if line.error] == []
    return [line.data for page in pages for line in page.lines]


def versions(found: list[Any]) -> set[tuple[str, str]]:
    return {(record["external_id"], str(record["version"])) for record in found}


@pytest.mark.parametrize("feed", ["koroad-pull", "kosaf-pull"])
def test_pulls_every_record_once_and_then_only_what_is_new(sandbox: SandboxProcess, feed: str) -> None:
    agency = feed.partition("-")[0]
    more = [{"external_id": f"{agency}-{number}", "version": 1} for number in range(20)]
    sandbox.request("POST", f"/control/agencies/{agency}/records", more)
    pages = read(sandbox, feed, rows=7)
    found = records(pages)
    assert len(versions(found)) == len(found) == present(pages[0].total) >= 20
    cursor = pages[-1].next_cursor
    assert records(read(sandbox, feed, cursor)) == []
    sandbox.request("POST", f"/control/agencies/{agency}/records", [{"external_id": f"{agency}-late", "version": 1}])
    [late] = records(read(sandbox, feed, cursor))
    assert (late["external_id"], str(late["version"])) == (f"{agency}-late", "1")


@pytest.mark.parametrize("feed", ["nhis-file", "kdca-file"])
def test_reads_every_file_once(sandbox: SandboxProcess, feed: str) -> None:
    pages = read(sandbox, feed)
    found = records(pages)
    assert len(versions(found)) == len(found) == present(pages[0].total) > 0
    assert read(sandbox, feed, pages[-1].next_cursor) == []


def test_a_wrong_key_needs_a_person(sandbox: SandboxProcess) -> None:
    url = f"{sandbox.url}/agencies/koroad/records"
    connector = registry.build("http_pull", {"url": url}, keys(sandbox, "wrong"), allow_private=True)
    with pytest.raises(SourceRefused, match="result_30"):
        list(connector.pages({}))


def test_too_many_calls_are_tried_again_later(sandbox: SandboxProcess) -> None:
    sandbox.fault("data_go_kr", "rate_limit", on="read", retry_after=7, count=1)
    with pytest.raises(SourceUnavailable) as failure:
        read(sandbox, "koroad-pull")
    assert failure.value.retry_after == 7
