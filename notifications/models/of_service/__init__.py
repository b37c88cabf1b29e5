"""Messages of the service itself that are no notices: of no record, of no cause."""
