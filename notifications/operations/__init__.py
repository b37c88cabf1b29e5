"""What keeps the work going: the sweep, watches, resends, templates at vendors, one whole run."""
