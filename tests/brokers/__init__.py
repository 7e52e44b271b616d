"""Tests of what talks to Kafka."""
