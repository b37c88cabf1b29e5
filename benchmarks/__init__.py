"""Measure how fast the pipeline is, on real processes: `python -m benchmarks NAME [--size N] [--json]`."""
