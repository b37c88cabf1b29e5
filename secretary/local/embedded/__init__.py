"""Start the PostgreSQL and the Valkey that ./run and ./test bring along."""
