"""Doubles of Kafka and of the ledger, for tests of the data plane, and what holds Kafka's to the real one."""
