"""Send alarms to persons, by mail and webhook (docs/adr/0050)."""
