"""Wordings: compiled, filled, checked and previewed. Wording is data; nothing in it is ever executed."""

from subscriptions.wording.check import Problem, check_wording
from subscriptions.wording.compile import BadPlaceholder, Compiled, MissingValue, Slot, compile_wording
from subscriptions.wording.limits import LIMITS, Limit, limits
from subscriptions.wording.preview import Preview, preview
from subscriptions.wording.samples import longest_values, sample_values
from subscriptions.wording.values import (
    BUILT_IN,
    FieldFormatter,
    builtin_values,
    compile_fields,
    earlier_values,
    format_fields,
)

__all__ = [
    "BUILT_IN",
    "LIMITS",
    "BadPlaceholder",
    "Compiled",
    "FieldFormatter",
    "Limit",
    "MissingValue",
    "Preview",
    "Problem",
    "Slot",
    "builtin_values",
    "check_wording",
    "compile_fields",
    "compile_wording",
    "earlier_values",
    "format_fields",
    "limits",
    "longest_values",
    "preview",
    "sample_values",
]
