"""Keep what is owed: bills and debts, what they cost on a day, when they close."""
