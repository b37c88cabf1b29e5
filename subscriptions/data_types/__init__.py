"""Define kinds of administrative data: read from TOML or the admin, checked, published, loaded."""
