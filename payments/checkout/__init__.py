"""Take a payment from the choice of a provider to its settlement and its posting to the agency."""
