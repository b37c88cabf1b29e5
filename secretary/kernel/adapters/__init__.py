"""Share what adapters of every kind (channels, payment providers, billers) need: configuration, HTTP, time, JSON."""
