"""Template codes of providers, many at once from a file (docs/adr/0070)."""
