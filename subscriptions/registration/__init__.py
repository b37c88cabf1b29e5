"""Seniors whom an official registers from a paper form."""
