"""Name the tariff that a data type is paid by; the payments, which know them all, enter their names at the start."""

from collections.abc import Mapping
from typing import Any, Final

_NAMES: Final[dict[str, Any]] = {}


def name_tariffs(names: Mapping[str, Any]) -> None:
    """Enter the words for each code that a data type may have in `payable`."""
    _NAMES.update(names)


def tariff_name(code: str) -> str:
    """Return the tariff in the reader's language; the code itself where it is unknown, and "" where nothing is paid."""
    return str(_NAMES.get(code, code))
