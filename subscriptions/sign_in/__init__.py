"""Signing in with a code that we send to the number of an enrolled person (docs/adr/0042-two-levels-of-sign-in.md)."""
