"""Citizens: sign-up, choices, consents, withdrawal, and that one person is one person."""
