"""The pages on which people send themselves a test message and see what came of it."""
