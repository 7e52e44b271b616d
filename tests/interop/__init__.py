"""What other people's SDKs and Kafka clients write is counted: `make interop` sends it and looks at every event."""
