"""docs/data-types.md says what is shipped: RENEW_DATA_TYPES=1 ./test tests/test_data_types_page.py writes it anew."""

import os

from tests.plugin import ROOT
from tests.support.catalogue import SPECS
from tests.support.data_types_page import page
from tests.support.drafts import DRAFTS

DOCUMENT = ROOT / "docs" / "data-types.md"


def test_the_page_of_all_kinds_is_fresh() -> None:
    written = page()
    if os.environ.get("RENEW_DATA_TYPES"):
        DOCUMENT.write_text(written, encoding="utf-8")
    assert DOCUMENT.read_text(encoding="utf-8") == written, (
        "Meant? RENEW_DATA_TYPES=1 ./test tests/test_data_types_page.py"
    )


def test_it_lists_every_kind_with_a_text_without_gaps() -> None:
    written = DOCUMENT.read_text(encoding="utf-8")
    assert [spec.code for spec in (*SPECS, *DRAFTS) if f"| `{spec.code}` |" not in written] == []
    assert written.count("```text") == 2 * len((*SPECS, *DRAFTS))
    assert "#{" not in written and "None" not in written
