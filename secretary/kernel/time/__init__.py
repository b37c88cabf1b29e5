"""Read clocks, instants and working days."""
