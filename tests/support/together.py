"""Cases that need no set-up of their own, in one test that names every one of them that fails."""

import inspect
import reprlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from typing import Any

import pytest

MOST_SHOWN = 20

PARAM = type(pytest.param())
Test = Callable[..., None]


class Cases:
    """Gathers what fails: `with cases.case("name"): assert …`."""

    def __init__(self) -> None:
        self._failed: list[str] = []
        self._tried = 0

    @contextmanager
    def case(self, name: object) -> Iterator[None]:
        """An exception inside is the failure of this case alone."""
        self._tried += 1
        try:
            yield
        except Exception as failure:
            self._failed.append(f"{name}: {type(failure).__name__}: {failure}")

    def conclude(self) -> None:
        """Raises AssertionError where a case failed, or where there was none."""
        assert self._tried, "there was no case"
        shown = [*self._failed[:MOST_SHOWN], *(["…"] if len(self._failed) > MOST_SHOWN else [])]
        assert not self._failed, f"{len(self._failed)} of {self._tried} cases failed\n" + "\n".join(shown)


def in_one_test(
    names: str | Sequence[str], cases: Iterable[Any], *, ids: Callable[[Any], object] | Iterable[object] | None = None
) -> Callable[[Test], Test]:
    """As `pytest.mark.parametrize`, in one test: for cases that share its fixtures and leave nothing behind in them.

    A case that fails is named by its values or `ids`, and keeps no other from being tried.
    """
    named = [name.strip() for name in names.split(",")] if isinstance(names, str) else list(names)
    found = [_case(case, alone=len(named) == 1) for case in cases]
    label = ids if callable(ids) else reprlib.repr
    labels = ids if isinstance(ids, Iterable) else [_Label(case, label) for case in found]
    labelled = list(zip(labels, found, strict=True))

    def over_all(test: Test) -> Test:
        @wraps(test)
        def every_case(**fixtures: Any) -> None:
            cases = Cases()
            for name, case in labelled:
                with cases.case(name):
                    test(**fixtures, **dict(zip(named, case.values, strict=True)))
            cases.conclude()

        signature = inspect.signature(test)
        left = [each for name, each in signature.parameters.items() if name not in named]
        every_case.__signature__ = signature.replace(parameters=left)  # type: ignore[attr-defined]
        return every_case

    return over_all


def _case(given: Any, *, alone: bool) -> Any:
    if isinstance(given, PARAM):
        return given
    return pytest.param(given) if alone else pytest.param(*given)


@dataclass(frozen=True, slots=True)
class _Label:
    """The name of a case, written only where it fails: thousands of values take a second at each collection."""

    case: Any
    label: Callable[[Any], object]

    def __str__(self) -> str:
        return self.case.id or " ".join(str(self.label(each)) for each in self.case.values)
