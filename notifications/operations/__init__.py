"""Operate the pipeline: the sweep, watches, resends, templates at vendors, one whole run."""
