"""Sign staff in: own password, second factor."""
