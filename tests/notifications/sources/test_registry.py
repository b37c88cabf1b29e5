"""Test the contract of every connector."""

import inspect
from pathlib import Path

import pytest

from notifications.sources import registry
from notifications.sources.contract import SourceRefused, SourceUnavailable

SMALLEST = {"file_drop": {"folder": "nowhere"}, "http_pull": {"url": "http://127.0.0.1:9/records"}}
KEYS = {"service_key": registry.HostKey("k", frozenset({"127.0.0.1:9"}))}


def test_finds_the_connectors_by_itself() -> None:
    assert registry.kinds() == ["file_drop", "http_pull"]


@pytest.mark.parametrize("kind", registry.kinds())
def test_every_setting_says_what_it_means(kind: str) -> None:
    assert all(option.meaning for option in registry.options(kind))
    assert {option.name for option in registry.options(kind) if option.required} == set(SMALLEST[kind])


@pytest.mark.parametrize("kind", registry.kinds())
def test_builds_from_the_smallest_settings_and_fails_by_name(kind: str, tmp_path: Path) -> None:
    connector = registry.build(kind, SMALLEST[kind], KEYS, drop_root=tmp_path, allow_private=True)
    pages = connector.pages({})
    assert inspect.isgenerator(pages)
    with pytest.raises((SourceRefused, SourceUnavailable)):
        next(pages)


@pytest.mark.parametrize("kind", registry.kinds())
def test_refuses_an_unknown_setting(kind: str) -> None:
    with pytest.raises(registry.BadSetting, match="unknown setting 'nonsense'"):
        registry.check(kind, {**SMALLEST[kind], "nonsense": 1}, KEYS)


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        ("file_drop", {"page_lines": "5"}),
        ("file_drop", {"page_lines": True}),
        ("file_drop", {"page_lines": 0}),
        ("file_drop", {"encoding": "utf-16"}),
        ("file_drop", {"format": "xlsx"}),
        ("file_drop", {"delimiter": '"'}),
        ("file_drop", {"columns": {"a": 1}}),
        ("file_drop", {"columns": ["a"]}),
        ("http_pull", {"read_seconds": "1"}),
    ],
)
def test_refuses_a_setting_of_another_type_or_value(kind: str, given: dict[str, object]) -> None:
    with pytest.raises(registry.BadSetting):
        registry.check(kind, {**SMALLEST[kind], **given}, KEYS)


def test_a_kind_that_there_is_not_is_refused_with_those_there_are() -> None:
    with pytest.raises(registry.BadSetting, match="file_drop, http_pull"):
        registry.build("ftp", {}, {})
