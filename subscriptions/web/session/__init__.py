"""What a browser's session holds of a citizen: the sign-in and its end, and what was typed and not sent yet."""
