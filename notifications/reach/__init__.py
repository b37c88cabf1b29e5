"""The report on reach: what notices came to by the rule of their kind, and the notices behind each figure."""
