"""Receipts written by the thread that received them, for tests that roll back what they write."""

from typing import Any

from notifications.receipts.receipts import take_receipts
from notifications.receipts.receive import ReceiptWriter


class SameThreadWriter(ReceiptWriter):
    """The writer without its thread, so that a test's transaction sees what it writes, and takes it back."""

    def __init__(self) -> None:
        """No thread."""

    def write(self, *, gateway: str, receipts: Any, now: Any) -> None:
        take_receipts(gateway=gateway, receipts=receipts, now=now)
