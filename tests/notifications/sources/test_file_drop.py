import io
import json
import os
from pathlib import Path
from typing import Any

import pytest

from notifications.sources.contract import Page, SourceRefused, SourceUnavailable
from tests.notifications.sources.dropped import HEADER, drop, read, records, refused, rows


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "nhis").mkdir()
    return tmp_path / "nhis"


def test_a_bad_file_holds_up_no_other_file(folder: Path) -> None:
    (folder / "a.csv").write_bytes(b"%PDF")
    (folder / "b.csv").write_bytes(rows(2))
    pages: list[Page] = []
    with pytest.raises(SourceRefused, match=r"a\.csv"):
        for page in drop(folder).pages({}):
            pages.append(page)  # an exception would lose what list() had gathered
    assert len(records(pages)) == 2


def test_goes_on_after_a_crash_from_the_page_that_was_stored(folder: Path) -> None:
    for name in ("a.csv", "b.csv"):
        (folder / name).write_bytes(rows(10).replace(b"N-", name[:1].encode() + b"-"))
    everything = [record["external_id"] for record in records(read(folder))]
    for crash_after in range(1, 8):
        reading = drop(folder, page_lines=4).pages({})
        before = [next(reading) for _ in range(crash_after)]
        stored = json.loads(json.dumps(before[-1].next_cursor))
        after = read(folder, stored, page_lines=4)
        assert [record["external_id"] for record in records([*before, *after])] == everything


def test_pages_say_where_they_are(folder: Path) -> None:
    (folder / "a.csv").write_bytes(rows(5))
    pages = read(folder, page_lines=4)
    assert [(page.total, page.place, len(page.lines)) for page in pages] == [
        (5, "a.csv", 4),
        (5, "a.csv", 1),
        (5, "a.csv", 0),
    ]
    assert pages[0].lines[0].number == 2


def test_a_finished_file_is_not_read_again_until_it_changes(folder: Path) -> None:
    (folder / "a.csv").write_bytes(rows(2))
    cursor = read(folder)[-1].next_cursor
    assert read(folder, cursor) == []
    (folder / "a.csv").write_bytes(rows(3))
    assert len(records(read(folder, cursor))) == 3


def test_the_same_content_under_another_name_is_not_read_again(folder: Path) -> None:
    (folder / "a.csv").write_bytes(rows(2))
    cursor = read(folder)[-1].next_cursor
    (folder / "b.csv").write_bytes(rows(2))
    [page] = read(folder, cursor)
    assert page.lines == []
    assert read(folder, page.next_cursor) == []


def test_the_cursor_forgets_files_that_were_taken_away(folder: Path) -> None:
    for name in ("a.csv", "b.csv"):
        (folder / name).write_bytes(rows(len(name)) + name.encode() + b",x\n")
    cursor = read(folder)[-1].next_cursor
    (folder / "a.csv").unlink()
    assert list(read(folder, cursor)[-1].next_cursor["finished"]) == ["b.csv"]


def test_a_file_that_was_replaced_while_it_was_half_read_is_read_from_its_beginning(folder: Path) -> None:
    (folder / "a.csv").write_bytes(rows(10))
    first = next(iter(drop(folder, page_lines=4).pages({})))
    (folder / "a.csv").write_bytes(rows(11))
    assert len(records(read(folder, first.next_cursor))) == 11


@pytest.fixture
def read_bytes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """What each read of a dropped file has taken from it, in bytes."""
    found: list[int] = []

    class Noted(io.FileIO):
        def readinto(self, buffer: Any, /) -> int | None:
            count = super().readinto(buffer)
            found.append(count or 0)
            return count

    monkeypatch.setattr(os, "fdopen", lambda number, mode, buffering: io.BufferedReader(Noted(number, mode), buffering))
    return found


@pytest.mark.parametrize(
    ("longest", "least", "most"), [(65_536, 0, 0.5), (60_000, 1, 3)], ids=["as before", "other settings"]
)
def test_a_run_that_continues_a_file_goes_straight_to_its_place(
    folder: Path, read_bytes: list[int], longest: int, least: float, most: float
) -> None:
    """Else a file of a million records would be inspected and counted through again every 30 seconds."""
    file = folder / "a.csv"
    file.write_bytes(rows(60_000))
    before = next(iter(drop(folder, page_lines=55_000).pages({})))
    read_bytes.clear()
    after = read(folder, json.loads(json.dumps(before.next_cursor)), page_lines=55_000, max_line_bytes=longest)
    assert [record["external_id"] for record in records(after)] == [f"N-{number}" for number in range(55_000, 60_000)]
    assert {page.total for page in after} == {60_000}
    assert after[0].lines[0].number == 55_002
    assert least <= sum(read_bytes) / file.stat().st_size <= most  # with other settings it is inspected again


def test_a_half_read_file_that_was_overwritten_in_its_place_is_read_from_its_beginning(folder: Path) -> None:
    """Its size and the time of its change are as before; the time of its last touch cannot be."""
    file = folder / "a.csv"
    file.write_bytes(rows(10))
    before = next(iter(drop(folder, page_lines=4).pages({})))
    times = os.stat(file)
    with file.open("r+b") as stream:
        stream.seek(len(HEADER))
        stream.write(b"X")
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
    after = records(read(folder, before.next_cursor, page_lines=4))
    assert [record["external_id"] for record in after] == ["X-0", *(f"N-{number}" for number in range(1, 10))]


def test_a_file_that_is_written_to_while_we_read_is_left_for_later(folder: Path) -> None:
    (folder / "a.csv").write_bytes(rows(20_000))
    reading = drop(folder, page_lines=4).pages({})
    next(reading)
    with (folder / "a.csv").open("ab") as growing:
        growing.write(b"N-x,y\n")
    with pytest.raises(SourceUnavailable, match="file_changed"):
        list(reading)


@pytest.mark.parametrize("name", [".a.csv", "a.csv.tmp", "a.csv.part", "a.csv.FILEPART"])
def test_files_that_are_still_being_written_are_left_alone(folder: Path, name: str) -> None:
    (folder / name).write_bytes(b"half")
    (folder / "old").mkdir()
    assert read(folder) == []


def test_only_files_of_the_pattern_are_read(folder: Path) -> None:
    (folder / "nhis_1.csv").write_bytes(rows(1))
    (folder / "readme.pdf").write_bytes(b"%PDF")
    assert len(records(read(folder, pattern="nhis_*.csv"))) == 1


def test_a_link_out_of_the_folder_is_refused(folder: Path) -> None:
    (folder.parent / "secret.csv").write_bytes(rows(1))
    (folder / "a.csv").symlink_to(folder.parent / "secret.csv")
    assert refused(folder).code == "symlink"


def test_a_pipe_does_not_make_us_wait(folder: Path) -> None:
    os.mkfifo(folder / "a.csv")
    assert refused(folder).code == "wrong_file_type"


def test_a_link_that_leads_nowhere_is_left_for_later(folder: Path) -> None:
    (folder / "a.csv").symlink_to(folder / "gone.csv")
    with pytest.raises(SourceUnavailable, match="file_gone"):
        read(folder)


@pytest.mark.parametrize("given", ["../elsewhere", "/etc", "nhis/../../x"])
def test_a_folder_outside_the_root_is_refused(folder: Path, given: str) -> None:
    assert refused(folder, folder=given).code == "bad_folder"


def test_a_folder_that_is_not_there_needs_a_person(folder: Path) -> None:
    assert refused(folder, folder="nowhere").code == "no_folder"


def test_too_many_files_need_a_person(folder: Path) -> None:
    for number in range(4):
        (folder / f"{number}.csv").write_bytes(rows(1))
    assert refused(folder, max_files=3).code == "too_many_files"


def test_a_file_name_that_no_database_can_hold_is_refused(folder: Path) -> None:
    Path(os.fsdecode(bytes(folder) + b"/\xb1\xe8.csv")).write_bytes(rows(1))
    assert refused(folder).code == "bad_name"
