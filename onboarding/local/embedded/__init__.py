"""A real Kafka and a real PostgreSQL from Python packages alone, so that one command runs on a bare machine."""
