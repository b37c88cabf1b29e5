"""Wordings: compiled, filled, checked and previewed. Wording is data; nothing in it is ever executed."""

from subscriptions.wording.check import check_wording
from subscriptions.wording.compile import BadPlaceholder, Compiled, MissingValue, Slot, compile_wording
from subscriptions.wording.conditions import Facts, facts_of
from subscriptions.wording.limits import LIMITS, Limit, limits
from subscriptions.wording.lines import Lines, compile_lines
from subscriptions.wording.preview import Preview, VariantText, preview
from subscriptions.wording.problem import Problem
from subscriptions.wording.samples import longest_values, sample_values
from subscriptions.wording.values import (
    BUILT_IN,
    FieldFormatter,
    builtin_values,
    compile_fields,
    earlier_values,
    format_fields,
)
from subscriptions.wording.variants import TooMany, Variant, variants

__all__ = [
    "BUILT_IN",
    "LIMITS",
    "BadPlaceholder",
    "Compiled",
    "Facts",
    "FieldFormatter",
    "Limit",
    "Lines",
    "MissingValue",
    "Preview",
    "Problem",
    "Slot",
    "TooMany",
    "Variant",
    "VariantText",
    "builtin_values",
    "check_wording",
    "compile_fields",
    "compile_lines",
    "compile_wording",
    "earlier_values",
    "facts_of",
    "format_fields",
    "limits",
    "longest_values",
    "preview",
    "sample_values",
    "variants",
]
