import csv
import io
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from notifications.sources.contract import REFUSALS, SourceRefused
from notifications.sources.file_inspection import is_stray_utf8
from tests.notifications.sources.dropped import HEADER, errors, read, records, refused, rows


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "nhis").mkdir()
    return tmp_path / "nhis"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949"])
@pytest.mark.parametrize("declared", [True, False])
def test_reads_csv_in_every_usual_character_set(folder: Path, encoding: str, declared: bool) -> None:
    (folder / "a.csv").write_bytes((HEADER + "N-1,똠방각하\r\n").encode(encoding))
    given = {"encoding": encoding.removesuffix("-sig")} if declared else {}
    assert records(read(folder, **given)) == [{"external_id": "N-1", "name": "똠방각하"}]  # type: ignore[arg-type]


def test_reads_json_lines(folder: Path) -> None:
    record = {"external_id": "N-1", "fields": {"place": "서울"}}
    (folder / "a.jsonl").write_text(json.dumps(record, ensure_ascii=False) + "\n\n", encoding="utf-8-sig")
    assert records(read(folder)) == [record]


@pytest.mark.parametrize("cell", ["=cmd|' /C calc'!A0", "+82", "@a", "-1", 'a"b', "a,b", "가 나"])
def test_keeps_every_value_as_it_came(folder: Path, cell: str) -> None:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([["external_id", "name"], ["N-1", cell]])
    (folder / "a.csv").write_bytes(text.getvalue().encode())
    assert records(read(folder))[0]["name"] == cell


@pytest.mark.parametrize(
    ("line", "error"),
    [
        (b"N-2", "wrong_columns"),
        (b"N-2,a,b", "wrong_columns"),
        (b"N-2" + b"," * 60_000, "wrong_columns"),
        (b'N-2,"a', "unreadable_quotes"),
        (b'N-2,"a"b', "unreadable_quotes"),
        (b"N-2,a\x00b", "control_character"),
        (b"N-2,a\rb", "control_character"),
        (b"N-2,\xff\xfe", "undecodable"),
    ],
)
def test_names_a_bad_line_and_reads_the_others(folder: Path, line: bytes, error: str) -> None:
    (folder / "a.csv").write_bytes(HEADER.encode() + b"N-1,a\r\n" + line + b"\r\nN-3,c\r\n")
    pages = read(folder, encoding="utf-8")
    assert errors(pages) == [(3, error)]
    assert error in REFUSALS
    assert [record["external_id"] for record in records(pages) if record] == ["N-1", "N-3"]


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ('{"a": 1, "a": 2}', "duplicate_key"),
        ('{"a": NaN}', "not_a_number"),
        ("[" * 30_000, "too_deep"),
        ('{"a": {"b": {}}}', "wrong_shape"),
        ("1", "wrong_shape"),
        ("{", "not_json"),
        ('{"a": "\\ud800"}', "lone_surrogate"),
    ],
)
def test_names_a_bad_line_of_json_lines(folder: Path, line: str, error: str) -> None:
    (folder / "a.jsonl").write_text('{"a": 1}\n' + line + '\n{"a": 3}\n')
    pages = read(folder)
    assert errors(pages) == [(2, error)]
    assert records(pages) == [{"a": 1}, None, {"a": 3}]


MIXED = (HEADER + "N-1,홍길동\r\n").encode("cp949") + "N-2,홍길동\r\n".encode()


def test_one_odd_line_among_many_is_found_where_it_stands(folder: Path) -> None:
    korean, plain = '{"place": "세종대로"}\n'.encode(), b'{"place": "x"}\n'
    cp949 = '{"place": "세종대로"}\n'.encode("cp949")
    long = b'{"place": "' + b"x" * 70_000 + b'"}\n'

    def refusal(*lines: bytes) -> str:
        (folder / "a.jsonl").write_bytes(b"".join(lines))
        return str(refused(folder)).replace("a.jsonl: ", "")

    assert refusal(korean, *[plain] * 8000, cp949, *[korean] * 9000) == (
        "mixed_encoding: line 1 is UTF-8 and line 8002 is not: declare the encoding"
    )
    assert refusal(cp949, *[plain] * 8000, korean, *[plain] * 9000) == (
        "mixed_encoding: line 8002 is UTF-8 and line 1 is not: declare the encoding"
    )
    for before in (1, 20_000):
        assert refusal(*[plain] * before, long, *[plain] * 9000) == f"line_too_long: line {before + 1}"
    assert refusal(*[korean] * 20_000, b'{"place": "x"}') == "truncated: line 20001 does not end"
    (folder / "a.jsonl").write_bytes(b"".join((*[korean] * 9000, b"\n", b"  \n", *[plain] * 9000, b"\n")))
    pages = read(folder)
    assert (pages[0].total, len(records(pages))) == (18_000, 18_000)


def test_a_line_in_another_character_set_is_named(folder: Path) -> None:
    (folder / "a.csv").write_bytes(MIXED)
    assert errors(read(folder, encoding="cp949")) == [(3, "mixed_encoding")]
    assert errors(read(folder, encoding="utf-8")) == [(2, "undecodable")]
    mixed = refused(folder)
    assert (mixed.code, "line 3 is UTF-8 and line 2 is not" in mixed.detail) == ("mixed_encoding", True)


@settings(deadline=None)
@given(st.text(st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3) | st.sampled_from("a1,-"), min_size=1))
def test_hangul_in_cp949_is_never_taken_for_utf8_nor_the_other_way_round(text: str) -> None:
    assert not is_stray_utf8(text.encode("cp949"))
    assert text.isascii() or is_stray_utf8(text.encode())


def test_the_character_set_is_never_guessed_from_a_part(folder: Path) -> None:
    (folder / "a.csv").write_bytes(rows(20_000) + "N-x,홍길동\r\n".encode("cp949"))
    assert refused(folder).code == "mixed_encoding"


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.csv", b"PK\x03\x04....\n", "wrong_file_type"),
        ("a.csv", b"%PDF-1.7\n", "wrong_file_type"),
        ("a.csv", b"\xd0\xcf\x11\xe0....\n", "wrong_file_type"),
        ("a.csv", b"\x1f\x8b....\n", "wrong_file_type"),
        ("a.csv", HEADER.encode("utf-16"), "wrong_file_type"),
        ("a.csv", HEADER.encode("utf-16-le"), "wrong_file_type"),
        ("a.csv", b"\xef\xbb\xbf<html>\n", "wrong_file_type"),
        ("a.jsonl", b"PK\x03\x04....\n", "wrong_file_type"),
        ("a.xlsx", b"PK\x03\x04....\n", "unknown_format"),
        ("a.csv", b"", "empty_file"),
        ("a.csv", b"\r\n\r\n", "empty_file"),
        ("a.csv", rows(3)[:-3], "truncated"),
        ("a.csv", b"a,a\nx,y\n", "duplicate_column"),
        ("a.csv", b",\nx,y\n", "bad_header"),
        ("a.csv", b"\na,b\nx,y\n", "bad_header"),
        ("a.csv", b'a,"b\nx,y\n', "unreadable_quotes"),
        ("a.csv", b"," * 1_000_000 + b"\n", "line_too_long"),
        ("a.csv", b"a" + b"," * 60_000 + b"\n", "too_many_columns"),
        ("a.csv", HEADER.encode() + b"x" * 70_000 + b"\n", "line_too_long"),
        ("a.csv", HEADER.encode() + b"N-1,\xff\xff\n", "undecodable"),
        ("a.csv", rows(100_000), "too_large"),
    ],
)
def test_refuses_a_file_as_a_whole(folder: Path, name: str, content: bytes, code: str) -> None:
    (folder / name).write_bytes(content)
    refusal = refused(folder, max_bytes=1_500_000)
    assert (refusal.code, refusal.detail.startswith(name)) == (code, True)


def test_a_file_that_says_utf8_is_not_read_as_cp949(folder: Path) -> None:
    (folder / "a.csv").write_bytes(rows(1).decode().encode("utf-8-sig"))
    assert refused(folder, encoding="cp949").code == "wrong_encoding"


@pytest.mark.parametrize(
    ("trailer", "code"),
    [
        ("#count=2\n", ""),
        ("#count=2\r\n\r\n", ""),
        (",\n#count=2,\n,\n", ""),
        ("#count=3\n", "wrong_count"),
        ("#count=x\n", "truncated"),
        ("", "truncated"),
    ],
)
def test_a_declared_count_must_be_right(folder: Path, trailer: str, code: str) -> None:
    (folder / "a.csv").write_bytes(rows(2) + trailer.encode())
    if code:
        assert refused(folder, trailer="#count=").code == code
    else:
        assert len(records(read(folder, trailer="#count="))) == 2


def test_rows_and_columns_that_a_spreadsheet_adds_are_none(folder: Path) -> None:
    content = "external_id,,name,,\r\n,,,,\r\nN-1,,김가짜,,\r\nN-2, ,나가짜,,\t\r\n,,,,\r\n , ,,,\r\n"
    (folder / "a.csv").write_text(content, encoding="utf-8", newline="")
    pages = read(folder)
    assert records(pages) == [
        {"external_id": "N-1", "name": "김가짜"},
        {"external_id": "N-2", "name": "나가짜"},
    ]
    assert pages[0].total == 2


@pytest.mark.parametrize("empty", ['"","",""', '" ", ,""', "\u00a0,,", "\u3000", "\u3000,\u00a0,"])
def test_a_row_of_empty_cells_is_none_however_they_are_written(folder: Path, empty: str) -> None:
    content = f"external_id,name,\r\n{empty}\r\nN-1,김가짜,\r\n{empty}\r\n#count=1\r\n"
    (folder / "a.csv").write_text(content, encoding="utf-8", newline="")
    pages = read(folder, trailer="#count=")
    assert (errors(pages), records(pages), pages[0].total) == ([], [{"external_id": "N-1", "name": "김가짜"}], 1)


def test_empty_cells_at_the_end_may_be_left_out_or_added_where_no_column_has_a_name(folder: Path) -> None:
    content = "external_id,name,,\r\nN-1,김가짜\r\nN-2,나가짜,\r\nN-3,다가짜,,,, \r\nN-4\r\nN-5,마가짜,,,x\r\n"
    (folder / "a.csv").write_text(content, encoding="utf-8", newline="")
    pages = read(folder)
    assert [record and record["external_id"] for record in records(pages)] == ["N-1", "N-2", "N-3", None, None]
    assert errors(pages) == [(5, "wrong_columns"), (6, "wrong_columns")]


def test_a_value_in_a_column_without_a_name_is_named_with_its_line(folder: Path) -> None:
    (folder / "a.csv").write_text("external_id,name,\r\nN-1,김가짜,x\r\nN-2,나가짜,\r\n", encoding="utf-8", newline="")
    pages = read(folder)
    assert errors(pages) == [(2, "unnamed_column")]
    assert records(pages)[1] == {"external_id": "N-2", "name": "나가짜"}


@pytest.mark.parametrize("name", ["똠방각하", "펲시", "김똠"])
def test_syllables_that_euc_kr_spells_out_are_syllables(folder: Path, name: str) -> None:
    """Python's own `euc_kr` writes them as KS X 1001, annex 3 has it: filler and three letters, eight bytes."""
    spelt_out = name.encode("euc_kr")
    assert len(spelt_out) > 2 * len(name)
    (folder / "a.csv").write_bytes(HEADER.encode() + b"N-1," + spelt_out + b"\r\n")
    assert records(read(folder, encoding="cp949")) == [{"external_id": "N-1", "name": name}]


def test_the_agencys_names_become_ours(folder: Path) -> None:
    (folder / "a.csv").write_bytes("번호;성명\nN-1;김가짜\n".encode("cp949"))
    given = {"columns": {"번호": "external_id", "성명": "name"}, "constants": {"data_type": "health_checkup"}}
    assert records(read(folder, delimiter=";", **given)) == [
        {"data_type": "health_checkup", "external_id": "N-1", "name": "김가짜"}
    ]


@settings(
    deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    content=st.binary(max_size=80) | st.text('a,";\r\n가{}:\x00', max_size=60).map(str.encode),
    suffix=st.sampled_from(["csv", "jsonl"]),
    encoding=st.sampled_from(["utf-8", "cp949", "detect"]),
    trailer=st.sampled_from(["", "#count="]),
)
def test_whatever_is_in_a_file_is_lines_or_a_refusal(
    folder: Path, content: bytes, suffix: str, encoding: str, trailer: str
) -> None:
    for old in folder.iterdir():
        old.unlink()
    (folder / f"a.{suffix}").write_bytes(content)
    try:
        pages = read(folder, encoding=encoding, trailer=trailer, final_newline=False)
        assert all(error in REFUSALS for _, error in errors(pages))
    except SourceRefused as refusal:
        assert refusal.code
