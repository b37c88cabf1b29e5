"""Read CSV or JSON lines files that an agency puts into a folder; the files stay where they are.

A file is inspected as a whole before its first record is read. The cursor holds the place in the file that is being
read with the result of its inspection, so that a run which continues it goes straight there; and name, digest and
version of the finished files that are still in the folder, so that it does not outgrow the folder.
"""

from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import asdict, dataclass
from itertools import islice
from os import SEEK_CUR
from pathlib import Path
from typing import Any, BinaryIO

from notifications.sources.config import BadSetting, option, positive
from notifications.sources.contract import Line, Naming, Page, SourceRefused, SourceUnavailable
from notifications.sources.drop_folder import DropFolder, Version
from notifications.sources.file_inspection import Inspection, Rules, inspect, is_blank
from notifications.sources.file_lines import CsvLines, JsonLines, LineReader
from notifications.sources.host_key import HostKey

_FORMATS = {".csv": "csv", ".txt": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl"}
_PAGE_BYTES = 16_000_000  # of file; a page of long lines ends earlier


@dataclass(frozen=True, slots=True)
class Config:
    folder: str = option("folder, relative to the folder for dropped files")
    pattern: str = option("names of the files, with * and ?", "*")
    format: str = option("csv, jsonl, or suffix: as the file's name ends", "suffix")
    encoding: str = option("utf-8 (with a BOM or not), cp949, or detect", "detect")
    delimiter: str = option("between the columns of a CSV file", ",")
    trailer: str = option("beginning of a last line that counts the records, such as #count=; empty: none", "")
    final_newline: bool = option("a last line that does not end means a truncated file", True)
    columns: Mapping[str, str] = option("the agency's column name → ours", {})
    constants: Mapping[str, str] = option("what all records share, such as data_type", {})
    page_lines: int = option("records that are taken in together", 5000)
    max_bytes: int = option("largest file", 2_000_000_000)
    max_line_bytes: int = option("longest line", 65_536)
    max_columns: int = option("most columns", 200)
    max_files: int = option("most files in the folder", 2000)

    def __post_init__(self) -> None:
        positive(self, "page_lines", "max_bytes", "max_line_bytes", "max_columns", "max_files")
        if self.format not in ("csv", "jsonl", "suffix"):
            raise BadSetting("format is csv, jsonl or suffix")
        if self.encoding not in ("utf-8", "cp949", "detect"):
            raise BadSetting("encoding is utf-8, cp949 or detect")
        if len(self.delimiter) != 1 or not self.delimiter.isascii() or self.delimiter in '"\r\n\x00':
            raise BadSetting("delimiter is one character and no quotation mark")


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A valid file that is not read to its end yet."""

    name: str
    version: Version
    inspection: Inspection
    done: int  # number of the last line that was ingested before, 0 for none
    offset: int  # bytes before the line after it; 0: not known, the lines are counted from the beginning


class FileDrop:
    """Reads a feed's folder. `root`: the installation's folder for dropped files; a feed cannot read outside it."""

    reads_ahead = True  # the next page may be read before this one is stored: it costs no request

    def __init__(self, config: Config, *, root: Path) -> None:
        self._config = config
        self._folder = DropFolder(root, config.folder, config.pattern, config.max_files)
        self._naming = Naming(config.columns, config.constants)

    def pages(self, cursor: Mapping[str, Any]) -> Iterator[Page]:
        """Yield pages of all files that are not finished. A refused file is left out, and raised when the rest is read.

        Raises SourceRefused, SourceUnavailable.
        """
        names = self._folder.names()
        finished = {name: known for name, known in cursor.get("finished", {}).items() if name in names}
        waiting, refused = self._sort_out(names, finished, cursor)
        if finished != cursor.get("finished", {}):
            yield Page([], {**cursor, "finished": dict(finished)})
        total = sum(file.inspection.records for file in waiting)
        for file in sorted(waiting, key=lambda file: not file.done):  # first the one that a crash interrupted
            yield from self._file(file, finished, total)
        if refused:
            name, error = refused[0]
            more = f" (and {len(refused) - 1} other files)" if len(refused) > 1 else ""
            raise SourceRefused(error.code, f"{name}: {error.detail}{more}")

    def _sort_out(
        self, names: list[str], finished: dict[str, Any], cursor: Mapping[str, Any]
    ) -> tuple[list[_Waiting], list[tuple[str, SourceRefused]]]:
        """Inspect each file that has changed; add copies of finished files under another name to `finished`."""
        waiting: list[_Waiting] = []
        refused: list[tuple[str, SourceRefused]] = []
        digests = {known["digest"] for known in finished.values()}
        for name in names:
            try:
                file = self._look(name, finished.get(name), cursor)
            except SourceRefused as error:
                refused.append((name.encode("utf-8", "replace").decode(), error))
                continue
            if file is not None and file.inspection.digest in digests:
                finished[name] = _known(file)
            elif file is not None:
                waiting.append(file)
        return waiting, refused

    def _look(self, name: str, known: Mapping[str, Any] | None, cursor: Mapping[str, Any]) -> _Waiting | None:
        """Inspect one file. None: this version of the file is finished."""
        if not _is_utf8(name):
            raise SourceRefused("bad_name", "the file's name is not UTF-8")
        with closing(self._folder.open(name)) as stream:
            version = Version.of(stream)
            if known is not None and known["version"] == _numbers(version):
                return None
            if version.size > self._config.max_bytes:
                raise SourceRefused("too_large", f"more than {self._config.max_bytes} bytes")
            if cursor.get("file") == name and cursor.get("inspected") == self._inspected(name, version):
                return _Waiting(name, version, Inspection(**cursor["inspection"]), cursor["line"], cursor["offset"])
            inspection = inspect(stream, self._rules(name))
            self._reader(name, inspection, stream)  # the header is part of the inspection
            _check_unchanged(stream, version)
        begun = cursor.get("file") == name and cursor.get("digest") == inspection.digest
        return _Waiting(name, version, inspection, int(cursor.get("line", 0)) if begun else 0, 0)

    def _inspected(self, name: str, version: Version) -> dict[str, Any]:
        """Return what an inspection holds for: this version of the file, and the form that the settings ask of it."""
        numbers = [*_numbers(version), version.touched_ns]
        return {"version": numbers, "rules": asdict(self._rules(name))}

    def _file(self, file: _Waiting, finished: dict[str, Any], total: int) -> Iterator[Page]:
        with closing(self._folder.open(file.name)) as stream:
            _check_unchanged(stream, file.version)
            reader = self._reader(file.name, file.inspection, stream)
            inspected = {
                "digest": file.inspection.digest,
                "inspection": asdict(file.inspection),
                "inspected": self._inspected(file.name, file.version),
            }
            rows = _rows(stream, reader, file)
            while lines := self._lines(reader, rows):
                _check_unchanged(stream, file.version)
                place = {"file": file.name, "line": lines[-1].number, "offset": stream.seek(0, SEEK_CUR), **inspected}
                yield Page(lines, {**place, "finished": dict(finished)}, total, file.name)
        finished[file.name] = _known(file)
        yield Page([], {"finished": dict(finished)}, total, file.name)

    def _lines(self, reader: LineReader, rows: Iterator[tuple[int, bytes]]) -> list[Line]:
        page: list[tuple[int, bytes]] = []
        size = 0
        for row in islice(rows, self._config.page_lines):
            page.append(row)
            size += len(row[1])
            if size > _PAGE_BYTES:
                break
        return reader.lines(page)

    def _rules(self, name: str) -> Rules:
        config = self._config
        is_csv = self._format(name) == "csv"
        return Rules(
            config.encoding,
            config.trailer,
            config.delimiter if is_csv else "",
            config.final_newline,
            config.max_line_bytes,
            has_header=is_csv,
        )

    def _reader(self, name: str, inspection: Inspection, stream: BinaryIO) -> LineReader:
        """Return a reader that has read the header, with the stream behind it."""
        stream.seek(0)
        if self._format(name) == "jsonl":
            return JsonLines(inspection.codec, self._naming)
        config = self._config
        reader = CsvLines(inspection.codec, self._naming, config.delimiter, config.max_columns)
        reader.header(stream.readline())
        return reader

    def _format(self, name: str) -> str:
        if self._config.format != "suffix":
            return self._config.format
        try:
            return _FORMATS[Path(name).suffix.lower()]
        except KeyError:
            raise SourceRefused("unknown_format", f"its name ends in none of {', '.join(_FORMATS)}") from None


def connect(config: Config, secrets: Mapping[str, HostKey], *, drop_root: Path | None, allow_private: bool) -> FileDrop:
    """Make the connector, for the registry; it needs no secret and makes no calls."""
    return FileDrop(config, root=drop_root or Path(config.folder))


def _rows(stream: BinaryIO, reader: LineReader, file: _Waiting) -> Iterator[tuple[int, bytes]]:
    """Yield numbered lines after line `file.done`, without blank ones and without the trailer. The stream then stands
    behind the line."""
    first = 1 + reader.has_header
    if file.offset:
        stream.seek(file.offset)
        first = file.done + 1
    for number, raw in enumerate(stream, start=first):
        if number > file.inspection.last_line:
            return
        if number > file.done and not is_blank(raw, reader.delimiter):
            yield number, raw


def _numbers(version: Version) -> list[int]:
    return [version.inode, version.size, version.changed_ns]


def _known(file: _Waiting) -> dict[str, Any]:
    return {"digest": file.inspection.digest, "version": _numbers(file.version)}


def _check_unchanged(stream: BinaryIO, version: Version) -> None:
    if Version.of(stream) != version:
        raise SourceUnavailable("file_changed", "the file was written to while we read it")


def _is_utf8(name: str) -> bool:
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
