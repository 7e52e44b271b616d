"""What the processes show: every metric defined once, and what Prometheus and Grafana make of them."""
