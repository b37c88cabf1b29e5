"""RECORD: the ways in, from an agency's bytes to rows of records."""
