"""What a bundled message says of each of its notices."""
