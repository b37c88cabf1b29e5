"""MATCH: make notices of records × subscriptions × stages."""
