"""Hand a person their own data from the tables of this app, and erase it there."""
