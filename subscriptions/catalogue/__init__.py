"""The data types that are shipped, one TOML file each, and how they are read, checked and loaded."""
