"""Show accounts, their rights and how they sign in."""
