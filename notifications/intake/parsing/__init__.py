"""PARSE: check the lines of a feed against their data types, one by one or a page together."""
