"""Enrol citizens: sign-up, choices, consents, withdrawal, and one row per person."""
