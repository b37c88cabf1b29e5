"""Stand-ins for identity providers."""
