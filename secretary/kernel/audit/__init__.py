"""Keep the audit trail: which actor did or saw what, sealed line by line."""
