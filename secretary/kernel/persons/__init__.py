"""Identify a person: names, birth dates, numbers, and keyed hashes of them."""
