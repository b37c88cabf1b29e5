"""List everything that a person was notified of, and explain each notice."""
