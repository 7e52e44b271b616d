"""What the speed depends on, one thing varied at a time."""
