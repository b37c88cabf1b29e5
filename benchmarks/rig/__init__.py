"""What the benchmarks share: environment, population, stub gateway, measuring."""
