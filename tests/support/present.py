"""Take a value that a test knows to be there out of its type's `| None`."""

from typing import TypeVar

T = TypeVar("T")


def present(found: T | None) -> T:
    """Return what was found. Fails the test where it is None, with the line that asked."""
    assert found is not None, "nothing is there"
    return found
