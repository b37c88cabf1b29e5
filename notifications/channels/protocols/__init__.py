"""What the adapters of one vendor share of its protocol. No adapter stands here."""
