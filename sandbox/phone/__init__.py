"""Show the phone of each sample person, with what arrived on it."""
