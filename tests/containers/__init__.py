"""Real Kafka and real PostgreSQL in containers, and what keeps a machine clean of them."""
