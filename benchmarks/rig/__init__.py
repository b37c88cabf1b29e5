"""Share what all benchmarks need: environment, population, stub gateway, measuring."""
