"""Write tables that people open in a spreadsheet."""

_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # full width: Excel in Asian locales


def neutralise(cell: str) -> str:
    """Return the cell as text that no spreadsheet runs as a formula: an apostrophe goes before a bad beginning.

    Call it for text that others wrote, on export only: stored data stays as it came. Numbers are written as
    numbers and do not pass here. Source: OWASP, "CSV Injection".
    """
    return "'" + cell if cell.lstrip(" \u3000\u200b\ufeff").startswith(_STARTS) else cell
