"""Walk the citizens' pages: whose they are, which they are, and how a browser opens them."""
