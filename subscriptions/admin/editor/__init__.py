"""The data type editor: pages under a version, from a new data type to its approval."""
