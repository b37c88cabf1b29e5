"""BULK: register the seniors of a whole list, as an official: read it, check each row, register the valid ones."""
