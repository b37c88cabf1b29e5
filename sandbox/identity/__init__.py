"""Stand in for identity providers."""
