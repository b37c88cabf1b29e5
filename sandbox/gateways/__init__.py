"""Stand in for the message gateways, one file each, over the protocols that their vendors publish."""
