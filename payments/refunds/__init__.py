"""Refund money, and compare what a provider holds with our books."""
