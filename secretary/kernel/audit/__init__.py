"""The audit trail: who did or saw what, sealed line by line."""
