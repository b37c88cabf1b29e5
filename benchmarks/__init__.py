"""How fast the line is, measured on real processes: `python -m benchmarks NAME [--size N] [--json]`."""
