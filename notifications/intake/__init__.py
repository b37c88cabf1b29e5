"""RECORD: read an agency's bytes by one of the ways in, and write rows of records."""
