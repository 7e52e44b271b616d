"""What consumers and stream workers share about Kafka: topics that exist, and how soon a dead member is noticed."""
