"""What the sandbox keeps, in memory and in its file."""
