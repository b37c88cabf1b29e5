"""Write Korean: particles, letters of the KS X 1001 set, dates and amounts in words."""
