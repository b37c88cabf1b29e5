"""COMPOSE, of a claim's messages together: those of one template are written column by column."""
