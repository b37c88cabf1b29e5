"""Encryption at rest and the rotation of its keys."""
