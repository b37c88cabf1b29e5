"""The administrators' pages about who wants what; the data type editor is in `editor/`."""

from subscriptions.admin import agency, attempt, citizen, consent, data_type, data_type_version, office, subscription

__all__ = ["agency", "attempt", "citizen", "consent", "data_type", "data_type_version", "office", "subscription"]
