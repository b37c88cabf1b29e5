"""Requests out of the house and requests in: addresses, signatures, bodies."""
