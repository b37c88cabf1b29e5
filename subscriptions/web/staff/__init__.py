"""Sign-in of staff: own password, second factor, sessions."""
