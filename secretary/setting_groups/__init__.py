"""Read groups of settings from the environment; secretary/settings.py puts them together."""
