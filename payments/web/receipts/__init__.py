"""Show a payment's receipt (영수증): page and PDF."""
