"""MATCH: records × subscriptions × stages → notices."""
