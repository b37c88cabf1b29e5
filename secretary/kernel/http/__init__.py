"""Handle requests to other systems and from them: addresses, signatures, bodies."""
