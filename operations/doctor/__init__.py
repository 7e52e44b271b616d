"""What keeps the system from working: one verdict a check, and what to do about it."""
