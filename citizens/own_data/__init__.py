"""Show people what is held about them: a copy, accesses by staff, and erasure."""
