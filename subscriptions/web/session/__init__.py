"""What a browser's session holds of a citizen: the sign-in and its end, the answers of a sign-up under way and the code
sent for it, and what was typed and not sent yet."""
