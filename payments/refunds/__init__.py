"""Money that goes back, and what a provider holds compared with our books."""
