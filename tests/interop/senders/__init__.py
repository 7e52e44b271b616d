"""Programs that send events with the SDK and the Kafka client of another language, each `BOOTSTRAP FILE`."""
