"""Paying: from the choice of a provider to the settled payment and its posting to the agency."""
