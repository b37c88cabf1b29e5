"""What vendors' codes mean: one table for each list that a vendor publishes, code → verdict."""
