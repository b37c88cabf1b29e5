"""Test messages that people send to themselves, to see how notices arrive: asked for, handed over once, followed up."""
