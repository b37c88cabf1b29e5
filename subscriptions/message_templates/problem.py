"""Describe problems of templates for administrators."""

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise


@dataclass(frozen=True, slots=True)
class Problem:
    """A reason why a template may not be sent. `where` is title or body; `message` is for people, in their language."""

    code: str
    where: str
    message: Promise | str

    def __str__(self) -> str:
        return str(self.message)


def problem(code: str, where: str, message: Any, **values: object) -> Problem:
    return Problem(code, where, message % values if values else message)
