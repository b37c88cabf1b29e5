"""Sign people of agencies in, and admit them to their own agency alone."""
