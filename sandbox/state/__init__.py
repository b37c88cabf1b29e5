"""Keep the sandbox's state, in memory and in its file."""
