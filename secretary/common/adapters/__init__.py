"""What adapters of every kind (channels, payment providers, desks) stand on: configuration, HTTP, time, JSON."""
