"""Use PostgreSQL: arrays, prepared statements, transitions, retries, rows each apart."""
