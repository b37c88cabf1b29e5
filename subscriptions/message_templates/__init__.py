"""Compile, fill, check and preview message templates. A template is data and is never executed."""

from subscriptions.message_templates.check import check_template
from subscriptions.message_templates.compile import (
    BadPlaceholder,
    Choice,
    Compiled,
    Lines,
    MissingValue,
    Slot,
    compile_lines,
    compile_template,
)
from subscriptions.message_templates.conditions import Facts, facts_of
from subscriptions.message_templates.limits import LIMITS, Limit, further_gateways, limits
from subscriptions.message_templates.preview import Preview, VariantText, preview
from subscriptions.message_templates.problem import Problem
from subscriptions.message_templates.samples import longest_values, sample_values
from subscriptions.message_templates.values import (
    BUILT_IN,
    FieldFormatter,
    builtin_values,
    compile_fields,
    earlier_values,
    format_fields,
)
from subscriptions.message_templates.variants import TooMany, Variant, forget_texts, variants

__all__ = [
    "BUILT_IN",
    "LIMITS",
    "BadPlaceholder",
    "Choice",
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
    "check_template",
    "compile_fields",
    "compile_lines",
    "compile_template",
    "earlier_values",
    "facts_of",
    "forget_texts",
    "format_fields",
    "further_gateways",
    "limits",
    "longest_values",
    "preview",
    "sample_values",
    "variants",
]
