"""Clocks, instants and working days."""
