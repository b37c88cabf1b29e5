"""Register seniors from a paper form, as an official."""
