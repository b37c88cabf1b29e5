"""What adapters of every kind (channels, payment providers, billers) stand on: configuration, HTTP, time, JSON."""
