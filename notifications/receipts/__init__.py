"""RECEIPT: store gateways' reports of deliveries once, and apply them."""
