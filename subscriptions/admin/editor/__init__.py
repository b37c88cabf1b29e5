"""Edit data types: pages under a version, from a new data type to its approval."""
