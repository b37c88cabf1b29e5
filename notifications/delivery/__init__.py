"""DELIVERY: claim a notice, compose its text, hand it to a gateway, poll what is unknown."""
