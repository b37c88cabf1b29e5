"""A release with two migrations on the largest table, for tests of a deployment. `settings.py` is what it runs with."""
