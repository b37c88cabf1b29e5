"""RECEIPT: what gateways report of deliveries, stored once and applied."""
