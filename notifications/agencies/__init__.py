"""Show agencies their own: pages and an API of what came of their batches, and their keys (docs/adr/0051)."""
