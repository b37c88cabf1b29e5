"""The screen of the call centre (110): from a number that a caller reads out to what came of their notices."""
