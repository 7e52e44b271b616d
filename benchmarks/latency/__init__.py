"""How long after it was to be published an event is shown."""
