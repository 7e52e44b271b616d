"""What became of one event."""
