"""Find out by a dry run which setting "versions" a feed needs."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from notifications.intake.parsing.parse import Row
from notifications.intake.parsing.schema import MARK_BYTES, Unacceptable, read_integer
from notifications.models import Record

MOST_KEPT = 200_000  # records of one run that are compared with each other; about 50 MB


@dataclass(slots=True)
class VersionLook:
    """Reads the lines of a run, page by page, and gives advice at its end (models.VERSION_ADVICE)."""

    agency_id: int
    lines: int = 0
    given: int = 0  # lines with a version
    greatest: int = 0
    clashes: int = 0  # the same version with other content, in the run or in the database
    _seen: dict[tuple[str, int], bytes] = field(default_factory=dict)

    def see(self, version: Any, row: Row) -> None:
        """Inspect one line. `version`: as in the line, independent of the feed's setting."""
        number = _number(version)
        self.lines += 1
        self.given += number > 0
        self.greatest = max(self.greatest, number)
        key = row.external_id, number or 1
        if len(self._seen) < MOST_KEPT or key in self._seen:
            self.clashes += self._seen.setdefault(key, row.content_digest) != row.content_digest

    def compare(self, rows: Iterable[Row]) -> None:
        """Compare with the stored records, where these were read by the same fields."""
        by_number = {row.external_id: row for row in rows}
        stored = Record.objects.filter(agency=self.agency_id, external_id__in=list(by_number))
        for external_id, version, of_version, content in stored.values_list(
            "external_id", "version", "digest_version", "content_digest"
        ):
            digest = by_number[external_id].content_digest
            known = bytes(content) if content is not None and version == of_version else b""
            recorded_again = (external_id, version) in self._seen
            self.clashes += recorded_again and known[:MARK_BYTES] == digest[:MARK_BYTES] and known != digest

    @property
    def advice(self) -> str:
        if self.clashes:
            return "clash"
        if not self.given:
            return "none" if self.lines else ""
        return "numbered" if self.greatest > 1 else "unclear"


def _number(version: Any) -> int:
    """Return the line's version; 0 where it has none that can be read."""
    try:
        return max(read_integer(version), 0)
    except Unacceptable:
        return 0
