"""Encrypt at rest, and rotate the keys."""
