"""Each alert is made to fire for real: real servers, our processes, Prometheus and Alertmanager, and a fault."""
