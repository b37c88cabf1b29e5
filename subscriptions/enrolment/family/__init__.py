"""Family members whom seniors name: named, asked, and ended (docs/adr/0053-a-family-member-hears-that.md)."""
