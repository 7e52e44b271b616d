"""What an upstream system does: events from a file are checked and sent, each acknowledged."""
