"""What is done by itself while a channel is dark."""
