"""What the processes show: every metric defined once, the endpoint that serves them, and whether they make progress."""
