"""Stand in for payment providers: their APIs, and the pages on which sample people pay. No money exists here."""
