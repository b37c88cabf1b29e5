"""The call list of an office: seniors who agreed to be called and whom an urgent notice has not reached."""
