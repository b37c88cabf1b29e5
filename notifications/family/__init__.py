"""Text messages to the family members whom seniors have named."""
