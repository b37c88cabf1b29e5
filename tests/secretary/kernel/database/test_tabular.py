import pytest

from secretary.kernel.database.tabular import neutralise


@pytest.mark.parametrize(
    "cell", ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "＝1", "\ufeff=1"]
)
def test_a_cell_that_a_spreadsheet_would_run_becomes_text(cell: str) -> None:
    assert neutralise(cell) == "'" + cell


@pytest.mark.parametrize("cell", ["", "홍길동", "2026-04-01", "a=b", "'=1", "12가3456"])
def test_any_other_cell_stays_as_it_is(cell: str) -> None:
    assert neutralise(cell) == cell
