"""Measure what one machine, several machines and a nation's numbers come to; draw the figures."""
